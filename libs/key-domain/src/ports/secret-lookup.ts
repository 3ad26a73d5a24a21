import type { KeyRecord } from '../key/key-record.js';

/** A stored secret that one of the digests asked for belongs to. */
export interface FoundSecret {
  readonly digest: Uint8Array;
  readonly pepperId: string;
  readonly record: KeyRecord;
}

export interface SecretLookupResult {
  /** In no order; digests that belong to nothing are absent. */
  readonly found: readonly FoundSecret[];
  /** The store's own clock when it answered, in milliseconds since the Unix epoch: what expiry is judged by. */
  readonly now: number;
}

/**
 * Finds the secrets behind digests, of every account. Each call reads the primary, begun after the call: an
 * answer reflects every change committed before it.
 * @throws UnavailableError when the store can't be asked; never an empty answer instead
 */
export interface SecretLookup {
  /** @param digests up to 8,000 at once, in any order, repeats allowed */
  find(digests: readonly Uint8Array[]): Promise<SecretLookupResult>;
}

export const SecretLookup = Symbol('SecretLookup');
