import type { KeyLimits } from '../limits/limits.js';

/** Which products a key may be used for: every one of its account, or only these. */
export type ProductAccess = 'all' | readonly string[];

/** Values that JSON can hold, as a customer attaches them to a key. */
export type Metadata = Readonly<Record<string, unknown>>;

/**
 * Everything that a verdict about one secret of a key rests on. Times are milliseconds since the Unix epoch.
 * It holds neither token nor digest.
 */
export interface KeyRecord {
  readonly keyId: string;
  readonly secretId: string;
  readonly accountId: string;
  readonly accountSuspended: boolean;
  /** The customer's own reference to whom the key belongs. */
  readonly ownerId: string | null;
  readonly name: string;
  /** Null for formats without environments. */
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly products: ProductAccess;
  /** Client addresses it may be used from; empty: any. */
  readonly allowedCidrs: readonly string[];
  readonly metadata: Metadata;
  /** What every verification has to be counted for; null: nothing. */
  readonly limits: KeyLimits | null;
  readonly enabled: boolean;
  /** The key's, or this secret's. */
  readonly revoked: boolean;
  /** The earlier of the key's expiry and the secret's end; null: neither. */
  readonly expiresAt: number | null;
}
