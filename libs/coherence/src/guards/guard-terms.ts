/** The terms of guards' sessions. Milliseconds. */
export const GUARD_TERMS = {
  /** Longest time for which an answer may be kept, counted by the guard from before it asked. */
  keep: 60_000,
  /** A guard that owes an acknowledgement for longer is not renewed until it has come. */
  silence: 50,
  /** A stream on which no session was asked for by then ends. */
  opening: 2_000,
  /** A session whose guard has asked for no renewal for so long ends: guards ask twice a second. */
  idle: 10_000,
  /** Between two looks for such sessions. */
  idleLook: 1_000,
  /** For what was told at the end to be read, before the stream is cut off. */
  leaving: 2_000,
  /** Between two looks whether there is a lease again, while renewals wait for one. */
  look: 20,
  /** Longest window after its lease for which a cut-off guard is counted as one that may go on without a verdict. */
  stale: 86_400_000,
  /** From a change of how many guards may go on without a verdict to telling of it. */
  staleNews: 250,
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
  /** Changes that one guard has not acknowledged: at that many, it is told to forget everything in its account instead. */
  readonly unacknowledged: number;
  /** Bytes of what was told and has not left: beyond, its session ends. To be more than `unacknowledged` changes take. */
  readonly backlog: number;
}

/**
 * Measured over grpc-js: a session takes 10 kB, a key that it holds 180 bytes, which makes 140 MB of all there can be, and 9 MB of
 * one account's sessions. A guard that acknowledges nothing takes 30 kB more (15 MB in an account), and one that reads nothing
 * up to `backlog`, a copy of the rules included (32 MB); both end by {@link GUARD_TERMS.idle}, and what waits soon after.
 */
export const GUARD_BOUNDS: GuardBounds = {
  sessions: 10_000,
  sessionsOfAccount: 500,
  sessionsOfServiceKey: 100,
  keysOfSession: 20_000,
  keys: 200_000,
  unacknowledged: 64,
  backlog: 65_536,
};
