import type { Answer } from './answer.js';

/** The request is not let in. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(readonly answer: Answer) {
    super(`refused: ${answer.code}`);
  }
}
