/** The terms of every lease: all processes of an installation must agree on them. Milliseconds. */
export const LEASE_TERMS = {
  /** A member that is heard of no more is waited for this long. */
  lease: 2_000,
  /**
   * A member trusts its lease for this much less, an admin waits for this much more. Clocks may differ in rate by one
   * in a hundred (CLOCK_RATE_MARGIN of key-domain), which is far less; the rest is reserve.
   */
  margin: 100,
  /** Between two renewals. */
  renewal: 500,
  /** An exchange with the log that has not been answered by then is given up. */
  exchange: 1_000,
  /** A confirmation waits this long for those of guards, so that both are stated in one exchange. */
  gathering: 5,
  /** Between two attempts after a failed one. */
  retry: 100,
  /** A change that the log has not brought into force by then is asked about by way of Postgres as well. */
  inquiry: 100,
  /** Beyond a lease, for a publication or the way round by Postgres to succeed. */
  publication: 1_000,
} as const;

export type LeaseTerms = Readonly<Record<keyof typeof LEASE_TERMS, number>>;
