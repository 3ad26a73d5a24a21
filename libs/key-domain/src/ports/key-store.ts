import type { Attribution } from '../audit/attribution.js';
import type { PepperedDigest } from '../digest/pepper-ring.js';
import type { KeyFilter } from '../key/key-filter.js';
import type { Key, RevocationReason, Secret } from '../key/key.js';
import type { CommittedChange } from './enforcement.js';

/** A key to store, with its first secret; who made it is told beside it. */
export interface NewKey extends Omit<
  Key,
  'secrets' | 'createdAt' | 'createdBy' | 'revokedAt' | 'revocationReason' | 'revocationDescription'
> {
  readonly secret: Pick<Secret, 'id' | 'lastFour'> & { readonly digest: PepperedDigest };
}

export interface Revocation {
  readonly reason: RevocationReason;
  readonly description: string | null;
}

/** Where a token was found that everybody can read, as whoever found it says; free of the token. */
export interface LeakPlace {
  readonly url: string;
  readonly source: string;
  readonly type: string;
}

export interface Leak {
  readonly secretId: string;
  readonly places: readonly LeakPlace[];
}

/**
 * What can be changed of a key; what is absent stays as it is. A quota takes the place of the former one, with credits that are
 * counted anew; what was counted of rate limits stays with their names.
 */
export type KeyChanges = Partial<
  Pick<Key, 'name' | 'scopes' | 'products' | 'metadata' | 'allowedCidrs' | 'rateLimits' | 'quota' | 'expiresAt' | 'enabled'>
>;

/** A key as a change left it, and the change as it stands in the journal. */
export interface ChangedKey {
  readonly key: Key;
  readonly change: CommittedChange;
}

/** A new secret for a key, and how long the one before it goes on being accepted. */
export interface Rotation {
  readonly secret: NewKey['secret'];
  /** Seconds, from 0. */
  readonly graceSeconds: number;
  /** Is shown the key as it is when it can't change any more; where it throws, nothing happens. */
  readonly assertMay: (key: Key) => void;
}

export interface RotatedKey extends ChangedKey {
  /** What the new secret takes the place of; it ends with the grace period, or with the key, whichever is earlier. */
  readonly previous: { readonly secretId: string; readonly endsAt: Date };
}

/** How many secrets of a key are kept, the newest ones: who rotates for years does not make the key ever larger. */
export const KEPT_SECRETS = 10;

export interface KeyPage {
  /** Newest first. */
  readonly keys: readonly Key[];
  readonly hasMore: boolean;
  /** The store's clock, to the millisecond, by which the filter was judged. */
  readonly now: Date;
}

/** Keys that a filter leaves. */
export interface MatchingKeys {
  readonly matched: number;
  /** How many of them are not revoked. */
  readonly unrevoked: number;
  /** Ids of the newest that are not revoked, up to {@link MATCHING_SAMPLE}. */
  readonly sample: readonly string[];
  /** The scopes of Mintmark itself that the unrevoked ones hold. */
  readonly mintmarkScopes: readonly string[];
}

export const MATCHING_SAMPLE = 20;

/**
 * As many ids of keys stand in one entry of the record. Of more that are revoked at once, their number and digest; those that
 * are imported at once stand in several entries.
 */
export const MAX_RECORDED_IDS = 1_000;

/** What a revocation of many keys did, and the change of the account as it stands in the journal. */
export interface RevokedKeys {
  readonly matched: number;
  readonly revoked: number;
  readonly change: CommittedChange;
}

/**
 * The keys of accounts. Another account's key is treated as absent. Every change is one transaction, its entry in the
 * journal and that in the record of the account included: it is committed when the call returns, or nothing has happened.
 * A repeated one is noted anew in the journal, and is put down once in the record.
 * @throws UnavailableError when the store can't be asked
 */
export interface KeyStore {
  /**
   * @param offer the version of the offer that the key was planned by; absent: whatever is offered
   * @throws NotFoundError when the account does not exist, or has no such format
   * @throws OfferChangedError when the offer is another one by the commit
   */
  insert(key: NewKey, by: Attribution, offer?: number): Promise<Key>;
  find(accountId: string, keyId: string): Promise<Key | null>;
  /** Those keys that the filter leaves, older than the one with id `before`, or the newest where that is null. */
  list(accountId: string, filter: KeyFilter, page: { readonly limit: number; readonly before: string | null }): Promise<KeyPage>;
  /**
   * Changes a key that is not revoked. Null: no such key.
   * @param plan decides on the key as it is when nobody else can change it; where it throws, nothing has happened
   * @param offer the version of the offer that the plan goes by; absent: whatever is offered
   * @throws ConflictError when it is revoked, which is final
   * @throws OfferChangedError when the offer is another one by the commit
   */
  change(
    accountId: string,
    keyId: string,
    plan: (former: Key) => KeyChanges,
    by: Attribution,
    offer?: number,
  ): Promise<ChangedKey | null>;
  /**
   * Gives a key another secret. Of the live ones, those that are neither revoked nor past their end, the newest goes on
   * for the grace period, and any other ends at once: a key never has more than two. Age, for whoever asks when a key is
   * due for rotation, is counted from `createdAt` of its newest secret, which is this call's. Null: no such key.
   * @param offer the version of the account's offer that it was planned by
   * @throws ConflictError when the key is revoked or expired
   * @throws OfferChangedError when the offer is another one by the commit
   */
  rotate(accountId: string, keyId: string, rotation: Rotation, by: Attribution, offer?: number): Promise<RotatedKey | null>;
  /**
   * Ends one secret of a key at once; one that has ended stays as it is. Null: no such key, or no such secret of it.
   * @throws ConflictError when it is the only live one, or the key is revoked
   */
  endSecret(accountId: string, keyId: string, secretId: string, by: Attribution): Promise<ChangedKey | null>;
  /** Revokes at the store's clock; a key that is revoked already keeps its first revocation. Null: no such key. */
  revoke(accountId: string, keyId: string, revocation: Revocation, by: Attribution): Promise<ChangedKey | null>;
  matching(accountId: string, filter: KeyFilter): Promise<MatchingKeys>;
  /**
   * Revokes all keys that the filter leaves, as one change of the account and one entry of its record; those that are revoked
   * already keep their first revocation.
   * @param assertMay told which scopes of Mintmark itself they hold; where it throws, nothing has happened
   */
  revokeMatching(
    accountId: string,
    filter: KeyFilter,
    revocation: Revocation,
    assertMay: (mintmarkScopes: readonly string[]) => void,
    by: Attribution,
  ): Promise<RevokedKeys>;
  /**
   * Revokes a key with a secret that leaked, as `key_compromise`, and puts down where it was found. Nothing changes where
   * that secret has ended or the key is revoked: what nobody accepts does no harm. Null: no such key.
   */
  revokeLeaked(accountId: string, keyId: string, leak: Leak, by: Attribution): Promise<ChangedKey | null>;
  /**
   * Revokes unless revoked, then deletes the key and its secrets; returns the key as it last was. Null: no such key.
   * @param assertMay is shown the key as it is when it can't change any more; where it throws, nothing happens
   * @param offer the version of the account's offer that it was judged by
   * @throws OfferChangedError when the offer is another one by the commit
   */
  delete(
    accountId: string,
    keyId: string,
    revocation: Revocation,
    assertMay: (key: Key) => void,
    by: Attribution,
    offer?: number,
  ): Promise<ChangedKey | null>;
  /**
   * Erases what the record tells of the state of a key that is deleted, however much that is; of a key that is there, nothing.
   * It may be repeated, and goes on where it ended.
   */
  eraseDeleted(accountId: string, keyId: string): Promise<void>;
  /**
   * The last change of a key, there or deleted, that the journal still holds. One of its whole account counts while the key is
   * there, and is told as one of that key alone as soon as it is published. Null: none.
   */
  lastChange(accountId: string, keyId: string): Promise<CommittedChange | null>;
  /** The store's clock. */
  now(): Promise<Date>;
}

export const KeyStore = Symbol('KeyStore');
