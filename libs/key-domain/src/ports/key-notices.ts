export interface NoticeLimits {
  /** How many keys are looked at. */
  readonly most: number;
  /** Milliseconds between two rounds through the keys of one account. */
  readonly everyMs: number;
}

/**
 * Tells webhooks of what comes about by the passing of time alone, at the store's clock: that a key is about to expire
 * (`key.expiring`), and that its newest secret is older than the account's policy wants (`key.rotation_due`). Any number of
 * processes share the work. Each is told once for an expiry, or for a secret, however often and by however many it is looked for;
 * what became due while nobody looked is told as soon as somebody does.
 * @throws UnavailableError when the store can't be asked
 */
export interface KeyNotices {
  /**
   * Looks at some keys of an account whose turn it is, and goes on where whoever looked last ended. Accounts of which no
   * webhook wants to be told have no turn.
   * @returns whether it was any account's turn
   */
  tellSome(limits: NoticeLimits): Promise<boolean>;
}

export const KeyNotices = Symbol('KeyNotices');
