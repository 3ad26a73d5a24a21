import type { Answer } from './answer.js';

/** The key of a request that was not let in. */
export interface RefusedKey {
  readonly keyId: string;
  readonly accountId: string;
}

/** The request is not let in. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  /** @param key null: none is known by what was presented */
  constructor(
    readonly answer: Answer,
    readonly key: RefusedKey | null = null,
  ) {
    super(`refused: ${answer.code}`);
  }
}
