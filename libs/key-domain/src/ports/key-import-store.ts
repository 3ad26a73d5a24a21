import type { Attribution } from '../audit/attribution.js';
import type { PepperedDigest } from '../digest/pepper-ring.js';
import type { CommittedChange } from './enforcement.js';
import type { NewKey } from './key-store.js';

/** A key of a former system. */
export interface ImportedKey extends NewKey {
  /** When the former system made it; null: now. */
  readonly createdAt: Date | null;
  /** What the sender calls its line, so that it can be sent again; null: its digest names it. */
  readonly lineKey: string | null;
  /** Under every pepper: it may be stored under a retired one. */
  readonly digests: readonly PepperedDigest[];
}

/** What became of a line. */
export type ImportOutcome =
  | { readonly kind: 'imported' | 'existing'; readonly keyId: string }
  /** Its token is stored already, and not in this account. */
  | { readonly kind: 'taken' }
  /** Its line key was sent before, with another token. */
  | { readonly kind: 'other_line' };

export interface ImportedBatch {
  /** In the order of the keys. */
  readonly outcomes: readonly ImportOutcome[];
  /** Null: nothing of it is in the account. */
  readonly change: CommittedChange | null;
}

/**
 * Takes in the keys of former systems, many in one transaction: with its entry in the record, and in the journal a change that
 * names every one of them, those too that were there before, so that waiting for it is waiting for all.
 * @throws UnavailableError when the store can't be asked
 */
export interface KeyImportStore {
  /**
   * @param keys of the account
   * @param anew whether verifiers are to be told that the account holds imported secrets, though it may have held some before
   * @param offer the version of the offer that the keys were planned by; absent: whatever is offered
   * @throws OfferChangedError when keys are new to the account, and the offer is another one by the commit
   */
  importKeys(
    accountId: string,
    keys: readonly ImportedKey[],
    anew: boolean,
    by: Attribution,
    offer?: number,
  ): Promise<ImportedBatch>;
}

export const KeyImportStore = Symbol('KeyImportStore');
