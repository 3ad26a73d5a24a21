import type { Deadline } from '@grpc/grpc-js';

/** When a call's deadline passes, by the monotonic clock in milliseconds; Infinity: it has none. */
export function monotonicDeadline(deadline: Deadline): number {
  return performance.now() + Number(deadline) - Date.now();
}

/** Whether a call's deadline has passed; one without a deadline never has. */
export function hasPassed(deadline: Deadline): boolean {
  return Number(deadline) <= Date.now();
}
