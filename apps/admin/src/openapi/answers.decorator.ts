import { applyDecorators, HttpCode, HttpStatus } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { errorEnvelope } from '../http/error-envelope.js';
import { keepsAnswer } from '../http/idempotency.interceptor.js';

const REASONS: Readonly<Record<number, string>> = {
  400: '`invalid_request`; `details.reason` lists `{path, message}`',
  401: '`unauthorized`',
  402: '`insufficient_tokens`: the credits of the management key are spent; `details` has `required` and `available`',
  403: '`forbidden`',
  404: '`not_found`',
  409: '`conflict`',
  413: '`invalid_request`: the body is larger than 100 KB',
  429: '`rate_limited`; see `Retry-After`',
  500: '`internal_error`',
  503: '`unavailable` or `enforcement_unconfirmed`; see `Retry-After`',
};

/** The errors that any route may answer with. */
const ALWAYS: readonly number[] = [400, 500, 503];

export interface Answer {
  /** 200 if absent. */
  readonly status?: number;
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: z.ZodType;
  /** Status codes of the errors to expect, beside those that any route may answer with. */
  readonly errors: readonly number[];
  /** Whether it holds no secret, so that it is given again under the same `Idempotency-Key`; if absent: unless it is 201. */
  readonly kept?: boolean;
}

/** Sets a route's status and describes its answers in the OpenAPI document. */
export function Answers({ status = HttpStatus.OK, description, schema, errors, kept }: Answer): MethodDecorator {
  const body = schema === undefined ? {} : { standardSchema: schema };
  return applyDecorators(
    HttpCode(status),
    ...(kept === undefined ? [] : [keepsAnswer(kept)]),
    ApiResponse({ status, description, ...body }),
    ...[...ALWAYS, ...errors].map(errorResponse),
  );
}

/** Describes an error of a route in the OpenAPI document. */
export function errorResponse(status: number): ClassDecorator & MethodDecorator {
  return ApiResponse({ status, description: REASONS[status] ?? 'An error', standardSchema: errorEnvelope });
}
