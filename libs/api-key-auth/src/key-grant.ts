import type { KeyRecord, Metadata, ProductAccess } from '#libs/key-domain';

/** The key that a request was let in with, and what it grants. It holds neither token nor digest, and can't be changed. */
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

/**
 * A record with the grant that goes with it, made once for all the requests that the record is kept for. Its fields are
 * set one by one: objects that are spread into being have hidden classes of their own in V8, and reading those is slow.
 */
class GrantedRecord implements KeyRecord {
  readonly keyId: string;
  readonly secretId: string;
  readonly accountId: string;
  readonly accountSuspended: boolean;
  readonly ownerId: string | null;
  readonly name: string;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly products: ProductAccess;
  readonly allowedCidrs: readonly string[];
  readonly metadata: Metadata;
  /** No answer about a key with limits is kept: each of its requests has to be counted. */
  readonly limits = null;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expiresAt: number | null;
  readonly grant: KeyGrant;

  constructor(record: KeyRecord) {
    this.keyId = record.keyId;
    this.secretId = record.secretId;
    this.accountId = record.accountId;
    this.accountSuspended = record.accountSuspended;
    this.ownerId = record.ownerId;
    this.name = record.name;
    this.environment = record.environment;
    this.scopes = record.scopes;
    this.products = record.products;
    this.metadata = record.metadata;
    this.enabled = record.enabled;
    this.revoked = record.revoked;
    this.expiresAt = record.expiresAt;
    this.grant = newGrantOf(record);
    // A frozen list, so that its ranges are read once.
    this.allowedCidrs = this.grant.allowedCidrs;
  }
}

export function withGrant(record: KeyRecord): KeyRecord {
  return new GrantedRecord(record);
}

export function grantOf(record: KeyRecord): KeyGrant {
  return record instanceof GrantedRecord ? record.grant : newGrantOf(record);
}

/** Frozen to its depth, since the handlers of many requests see the same one; a date can't be, and is a new one each time. */
function newGrantOf(record: KeyRecord): KeyGrant {
  const { keyId, secretId, accountId, ownerId, name, environment, scopes, products, allowedCidrs, expiresAt, metadata } = record;
  return frozen({
    keyId,
    secretId,
    accountId,
    ownerId,
    name,
    environment,
    scopes: [...scopes],
    allProducts: products === 'all',
    productIds: products === 'all' ? [] : [...products],
    allowedCidrs: [...allowedCidrs],
    get expiresAt() {
      return expiresAt === null ? null : new Date(expiresAt);
    },
    metadata: structuredClone(metadata),
  });
}

function frozen<Value extends object>(value: Value): Value {
  for (const { value: part } of Object.values<PropertyDescriptor>(Object.getOwnPropertyDescriptors(value))) {
    if (isObject(part)) frozen(part);
  }
  return Object.freeze(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
