import type { KeyRecord, Metadata } from '#libs/key-domain';

/** The key that a request was let in with, and what it grants. It holds neither token nor digest. */
export interface KeyGrant {
  readonly keyId: string;
  /** The secret of the key that was presented. */
  readonly secretId: string;
  readonly accountId: string;
  /** The account's own reference to whom the key belongs; null: none was given. */
  readonly ownerId: string | null;
  readonly name: string;
  /** Null for formats without environments. */
  readonly environment: string | null;
  readonly scopes: readonly string[];
  /** Every product of the account; `productIds` is then empty. */
  readonly allProducts: boolean;
  readonly productIds: readonly string[];
  /** Client addresses that the key may be used from; empty: any. */
  readonly allowedCidrs: readonly string[];
  /** The earlier of the key's expiry and the secret's end; null: neither. */
  readonly expiresAt: Date | null;
  readonly metadata: Metadata;
}

export function grantOf(record: KeyRecord): KeyGrant {
  const { keyId, secretId, accountId, ownerId, name, environment, scopes, products, allowedCidrs, expiresAt, metadata } = record;
  return {
    keyId,
    secretId,
    accountId,
    ownerId,
    name,
    environment,
    scopes,
    allProducts: products === 'all',
    productIds: products === 'all' ? [] : products,
    allowedCidrs,
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    metadata,
  };
}
