/** The terms of guards' sessions. Milliseconds. */
export const GUARD_TERMS = {
  /** Longest time for which an answer may be kept, counted by the guard from before it asked. */
  keep: 60_000,
  /** A guard that owes an acknowledgement for longer is not renewed until it has come. */
  silence: 50,
  /** A session whose guard was not heard of for so long ends: guards ask for a renewal twice a second. */
  idle: 10_000,
  /** Between two looks for such sessions. */
  idleLook: 5_000,
  /** Between two looks whether there is a lease again, while renewals wait for one. */
  look: 20,
  /** Longest window after its lease for which a cut-off guard is counted as one that may go on without a verdict. */
  stale: 86_400_000,
} as const;

/** A time that a guard counts is over by then by this process' clocks: they may differ by a tenth. */
export const GUARD_CLOCK_RATE = 1.1;

/** How much is held on behalf of guards at most. */
export interface GuardBounds {
  /** Sessions, those that have ended and may still matter included. */
  readonly sessions: number;
  /** The same of one account, so that none takes the room of the others. */
  readonly sessionsOfAccount: number;
  /** The same of one service key. */
  readonly sessionsOfServiceKey: number;
  /** Keys that one session holds answers of: beyond, it is told of every change in its account. */
  readonly keysOfSession: number;
  /** The same for all sessions together. */
  readonly keys: number;
  /** Changes that one guard has not acknowledged: beyond, its session ends. */
  readonly unacknowledged: number;
  /** Messages that have not left: beyond, its session ends. */
  readonly backlog: number;
  /** The same for messages that hold all formats of an account, which are some 10 kB each. */
  readonly backlogOfRules: number;
}

/**
 * Some 80 MB for what is held while guards read what they are told; what waits for one that does not is some 300 bytes a message,
 * 40 MB for all sessions of an account, and ends with the session after {@link GUARD_TERMS.idle} at the latest.
 */
export const GUARD_BOUNDS: GuardBounds = {
  sessions: 10_000,
  sessionsOfAccount: 500,
  sessionsOfServiceKey: 100,
  keysOfSession: 20_000,
  keys: 200_000,
  unacknowledged: 256,
  backlog: 256,
  backlogOfRules: 16,
};
