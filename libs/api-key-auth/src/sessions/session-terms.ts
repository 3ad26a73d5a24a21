/** The times of a guard's sessions, in milliseconds. */
export const SESSION_TERMS = {
  /** Between two renewals; the contract names it. */
  renewal: 500,
  /** A verifier that has not opened a session by then is given up. */
  opening: 2_000,
  /**
   * A stream on which no renewal was answered for so long is given up. A verifier that can't vouch for anything may
   * leave renewals unanswered, and what was kept is not to be lost for that.
   */
  silence: 30_000,
  /** The longest lease that is believed: changes wait for no guard for longer. */
  longestLease: 2_000,
  /** The longest for which an answer is kept, likewise. */
  longestKept: 60_000,
} as const;
