/** What a change touches, as every memory of a verdict can be named. */
export type ChangeScope =
  | { readonly kind: 'key'; readonly accountId: string; readonly keyId: string }
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'all' };

/** A change as the store's journal holds it: written in the transaction of the change itself. */
export interface CommittedChange {
  /** Its place in the journal, from 1: no change is committed before one with a lower place. */
  readonly place: number;
  readonly scope: ChangeScope;
  /** Blinded names of digests that something is stored under since. */
  readonly handles: readonly string[];
}

/** How a committed change came into force everywhere. */
export interface Enforced {
  /** Verifiers that may hold memories of verdicts. */
  readonly verifiers: number;
  /** Milliseconds from the start of the wait until it was in force. */
  readonly ms: number;
  /** Whether every verifier confirmed it, or the leases of the silent ones ran out. */
  readonly by: 'acknowledgement' | 'lease';
  /**
   * Above 0: sessions, with all those verifiers, whose guards may go on without it while they can reach no verifier, since
   * their services have chosen so. A guard counts once for each session.
   */
  readonly staleGuards?: number;
}

/**
 * Waits until a committed change is in force: from then on no verifier and no guard answers from a state
 * before it.
 * @throws EnforcementUnconfirmedError when that could not be confirmed; the change stays committed, and the
 *   call may be repeated
 */
export interface Enforcement {
  enforce(change: CommittedChange): Promise<Enforced>;
}

export const Enforcement = Symbol('Enforcement');
