import type { PepperedDigest } from '../digest/pepper-ring.js';

/** When a secret was last accepted. */
export interface SecretUse {
  readonly secretId: string;
  readonly keyId: string;
  readonly at: Date;
}

/**
 * What verification writes back about secrets. None of it changes a verdict.
 * @throws UnavailableError when the store can't be asked
 */
export interface SecretUpkeep {
  /** Keeps the latest use of each; uses of deleted secrets are dropped. */
  recordUses(uses: readonly SecretUse[]): Promise<void>;
  /** Moves a secret from a retired pepper's digest to the current one's; does nothing if it has moved already. */
  moveDigest(secretId: string, from: PepperedDigest, to: PepperedDigest): Promise<void>;
}

export const SecretUpkeep = Symbol('SecretUpkeep');
