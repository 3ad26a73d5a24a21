/**
 * Tells webhooks (`key.quota_exhausted`) of keys whose credits were used up, or that were asked for more than they had: once, and
 * again when that comes about after there were more of them. Any number of processes share the work. What came about while nobody
 * looked is told as soon as somebody does, unless there are credits again by then. Of a revoked key nobody is told.
 * @throws UnavailableError when the store can't be asked
 */
export interface QuotaNotices {
  /**
   * The account of the key that waits longest to be told of.
   * @param passedOver accounts that are not meant
   * @returns null: none
   */
  accountToTell(passedOver: readonly string[]): Promise<string | null>;
  /**
   * Has the webhooks of an account told of up to so many keys, and no others wait for it: neither their verifications nor other accounts.
   * @returns how many are done with, whether or not a webhook wants to be told. Those that somebody has in hand are left out while
   *   there are others
   */
  tell(accountId: string, most: number): Promise<number>;
}

export const QuotaNotices = Symbol('QuotaNotices');
