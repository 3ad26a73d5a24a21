import type { Verdict } from '#libs/key-domain';

/** What is known of a call beside its questions. Nothing of it is asked for where it does not matter: finding it out costs time. */
export interface CallTerms {
  /** The caller's own address, for a service key that is bound to addresses; empty: unknown. */
  readonly callerIp: () => string;
  /** Until when the caller waits, by the monotonic clock in milliseconds: then nothing is taken from limits any more. */
  readonly until: () => number;
  /** Told the verdicts before anything is taken from the limits of any of them. What it throws is thrown, and nothing is taken. */
  readonly beforeCounting: (verdicts: readonly Verdict[]) => void;
}

/** Of whoever asks from nowhere in particular, and waits for as long as it takes. */
export const NO_TERMS: CallTerms = { callerIp: () => '', until: () => Infinity, beforeCounting: () => undefined };
