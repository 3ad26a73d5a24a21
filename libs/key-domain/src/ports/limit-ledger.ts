import type { Taken, Taking } from '../limits/counted-use.js';

/**
 * Where the use of keys is counted, once for all verifiers: what one has taken, no other can take again.
 * @throws UnavailableError when the store can't be asked. Whether anything was taken is not known then.
 */
export interface LimitLedger {
  /**
   * Has requests take from the limits of their keys, one after the other: each finds what those before it have left.
   * All of them are in force when this returns. A request whose limits were changed since it came takes from, and is admitted by,
   * those that its key has now.
   * @returns in the order of the takings; null for a key that is no longer there
   */
  take(takings: readonly Taking[]): Promise<readonly (Taken | null)[]>;
}

export const LimitLedger = Symbol('LimitLedger');
