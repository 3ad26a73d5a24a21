import type { KeyStatus } from './key.js';

/** Which keys of an account are wanted: those for which all of it holds. What is absent does not matter. */
export interface KeyFilter {
  /** By the store's clock. */
  readonly status?: KeyStatus | undefined;
  readonly environment?: string | undefined;
  readonly ownerId?: string | undefined;
  /** A product that the key may be used for, as one of its own or as one of all. */
  readonly productId?: string | undefined;
  /** A scope that the key grants, by its name or by a wildcard. */
  readonly scope?: string | undefined;
  /**
   * What people remember of a key. It is found where each word of this begins a word of its name, where this is its owner's
   * id, or where this is the end of one of its tokens. Upper and lower case count alike in names alone.
   */
  readonly search?: string | undefined;
  /** It expires before, or has expired before. */
  readonly expiresBefore?: Date | undefined;
  /** It is older than this, and none of its secrets was used since. */
  readonly unusedSince?: Date | undefined;
  /** Whether its newest secret is older than the account's policy lets a secret become, by the store's clock. */
  readonly rotationDue?: boolean | undefined;
}
