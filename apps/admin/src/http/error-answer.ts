import { HttpException, HttpStatus } from '@nestjs/common';
import { ApiKeyException } from '#libs/api-key-auth';
import {
  AlreadyDoneError,
  type ErrorCode,
  InProgressError,
  InvalidRequestError,
  MintmarkError,
  NotFoundError,
  RateLimitedError,
} from '#libs/key-domain';
import { type AnswerCode, errorEnvelope } from './error-envelope.js';

/** An error as it is told to a client, whatever the form it is told in. */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: AnswerCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: HttpStatus.BAD_REQUEST,
  unauthorized: HttpStatus.UNAUTHORIZED,
  forbidden: HttpStatus.FORBIDDEN,
  not_found: HttpStatus.NOT_FOUND,
  conflict: HttpStatus.CONFLICT,
  rate_limited: HttpStatus.TOO_MANY_REQUESTS,
  enforcement_unconfirmed: HttpStatus.SERVICE_UNAVAILABLE,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  internal_error: HttpStatus.INTERNAL_SERVER_ERROR,
};

const CHALLENGE = 'Bearer realm="mintmark"';
const RETRY_AFTER_SECONDS = '1';

/** Translates any error to what a client may know of it. What it does not know becomes `internal_error`, without its text. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof MintmarkError) return ofMintmark(error);
  if (error instanceof ApiKeyException) return ofGuard(error);
  if (error instanceof HttpException && error.getStatus() < 500) return ofHttp(error);
  return { status: STATUS.internal_error, code: 'internal_error', message: 'Something went wrong on our side.', headers: {} };
}

/** Whether an error tells somebody that they may not (401, 403). */
export function isRefusal(error: unknown): boolean {
  const { code } = errorAnswer(error);
  return code === 'forbidden' || code === 'unauthorized';
}

function ofMintmark(error: MintmarkError): ErrorAnswer {
  const status = STATUS[error.code];
  const details = detailsOf(error);
  const common = { status, code: error.code, message: error.publicMessage, headers: headersOf(error, status) };
  return details === undefined ? common : { ...common, details };
}

function detailsOf(error: MintmarkError): Readonly<Record<string, unknown>> | undefined {
  if (error instanceof InvalidRequestError) return { reason: error.faults };
  if (error instanceof AlreadyDoneError && error.target !== null) return { [`${error.target.type}Id`]: error.target.id };
  return error instanceof RateLimitedError || error instanceof InProgressError
    ? { retryAfter: error.retryAfterSeconds }
    : undefined;
}

function headersOf(error: MintmarkError, status: number): Readonly<Record<string, string>> {
  if (error instanceof RateLimitedError || error instanceof InProgressError) {
    return { 'Retry-After': String(error.retryAfterSeconds) };
  }
  if (status === 401) return { 'WWW-Authenticate': CHALLENGE };
  return status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {};
}

/** The guard of management keys has set its headers itself, and written its body in this form. */
function ofGuard(exception: ApiKeyException): ErrorAnswer {
  const { message, details } = errorEnvelope.parse(exception.getResponse()).error;
  const answer = { status: exception.getStatus(), code: exception.code, message, headers: {} };
  return details === undefined ? answer : { ...answer, details };
}

/** What the body parser and the router refuse; their texts quote the request and so are not passed on. */
function ofHttp(error: HttpException): ErrorAnswer {
  const status = error.getStatus();
  if (status === 404) return ofMintmark(new NotFoundError('There is nothing at this address.'));
  const answer = ofMintmark(InvalidRequestError.at('', UNREADABLE[kindOf(error.cause)] ?? 'The request could not be read.'));
  return status === 413 ? { ...answer, status } : answer;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'The body is not valid JSON.',
  'entity.too.large': 'The body is larger than 100 KB.',
  'charset.unsupported': 'The body must be UTF-8.',
  'encoding.unsupported': 'The body must not be compressed.',
};

function kindOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'type' in cause ? String(cause.type) : '';
}
