/** What a change touches, as every memory of a verdict can be named. */
export type ChangeScope =
  | { readonly kind: 'key'; readonly accountId: string; readonly keyId: string }
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'all' };

/** How a committed change came into force everywhere. */
export interface Enforced {
  /** Verifiers that may hold memories of verdicts. */
  readonly verifiers: number;
  /** Milliseconds from the start of the wait until it was in force. */
  readonly ms: number;
  /** Whether every verifier confirmed it, or the leases of the silent ones ran out. */
  readonly by: 'acknowledgement' | 'lease';
}

/**
 * Waits until a committed change is in force: from then on no verifier and no guard answers from a state
 * before it.
 * @throws EnforcementUnconfirmedError when that could not be confirmed; the change stays committed, and the
 *   call may be repeated
 */
export interface Enforcement {
  enforce(change: ChangeScope): Promise<Enforced>;
}

export const Enforcement = Symbol('Enforcement');
