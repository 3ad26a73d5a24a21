import type { LimitsLeft } from '#libs/key-domain';
import type { Answer } from './answer.js';

/** The key of a request that was not let in. */
export interface RefusedKey {
  readonly keyId: string;
  readonly secretId: string;
  readonly accountId: string;
}

/** The request is not let in. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  /**
   * @param key null: none is known by what was presented
   * @param left what is left of its limits; null: it has none, or they were not judged
   */
  constructor(
    readonly answer: Answer,
    readonly key: RefusedKey | null = null,
    readonly left: LimitsLeft | null = null,
  ) {
    super(`refused: ${answer.code}`);
  }
}
