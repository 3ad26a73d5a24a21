import { HttpException } from '@nestjs/common';
import type { Answer } from './answer.js';
import { errorBody, type ErrorFormatName, STATUSES } from './error-body.js';
import type { RefusedKey } from './refused-error.js';

/** What {@link ApiKeyGuard} throws instead of letting a request in; its response is the whole body, to be sent as it is. */
export class ApiKeyException extends HttpException {
  /** The kind of refusal, the same in every format. */
  readonly code: Answer['code'];

  constructor(
    answer: Answer,
    format: ErrorFormatName,
    /** Whose request it was, for the service's own log; null: no key is known by what was presented. Never sent. */
    readonly key: RefusedKey | null = null,
    cause?: unknown,
  ) {
    super(errorBody(answer, format), STATUSES[answer.code], { cause });
    this.code = answer.code;
  }
}
