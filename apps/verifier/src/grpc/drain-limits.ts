/**
 * Taking leave, step by step, in milliseconds. Together they stay below the time that a process is given to end.
 */
export const DRAIN_LIMITS = {
  /** Calls are still taken while health says NOT_SERVING, so that balancers look elsewhere first. */
  notice: 250,
  /** From asking clients to open no more calls to closing their connections: a call that was under way by then still arrives. */
  lastCalls: 150,
  /** For the calls in flight to be answered. */
  inFlight: 2_500,
} as const;
