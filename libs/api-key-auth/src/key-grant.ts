import type { KeyRecord, Metadata } from '#libs/key-domain';

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

const GRANT = Symbol('KeyGrant');

/** A record with the grant that goes with it, made once for all the requests that the record is kept for. */
interface GrantedRecord extends KeyRecord {
  readonly [GRANT]: KeyGrant;
}

export function withGrant(record: KeyRecord): KeyRecord {
  const granted: GrantedRecord = { ...record, [GRANT]: grantOf(record) };
  return granted;
}

export function grantOf(record: KeyRecord): KeyGrant {
  return isGranted(record) ? record[GRANT] : newGrantOf(record);
}

function isGranted(record: KeyRecord): record is GrantedRecord {
  return GRANT in record;
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
