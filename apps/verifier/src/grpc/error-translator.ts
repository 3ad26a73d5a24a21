import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import { type ErrorCode, InvalidRequestError, MintmarkError } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { AnswerTooLargeError } from './answer-too-large.js';
import { CallEndedError } from './call-ended.js';

type GrpcError = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** Trailing metadata of an error that the verifier itself answers with: no network gives UNAVAILABLE this name. */
const ERROR_NAME = 'mintmark-error';

const STATUS_OF: Readonly<Record<ErrorCode, status>> = {
  invalid_request: status.INVALID_ARGUMENT,
  unauthorized: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  conflict: status.FAILED_PRECONDITION,
  rate_limited: status.RESOURCE_EXHAUSTED,
  enforcement_unconfirmed: status.UNAVAILABLE,
  unavailable: status.UNAVAILABLE,
  internal_error: status.INTERNAL,
};

/** At most one line of each kind in so many milliseconds: an outage fails thousands of calls a second. */
const TELL_INTERVAL_MS = 1_000;

/** The one place where errors become gRPC statuses. What it does not know is logged and masked. */
@Injectable()
export class ErrorTranslator {
  readonly #told = new Map<string, { readonly at: number; untold: number }>();

  constructor(@Inject(Log) private readonly log: Log) {}

  translate(error: unknown): GrpcError {
    if (error instanceof CallEndedError) {
      const code = error.reason === 'cancelled' ? status.CANCELLED : status.DEADLINE_EXCEEDED;
      return { code, details: error.message, metadata: new Metadata() };
    }
    if (error instanceof AnswerTooLargeError)
      return { code: status.RESOURCE_EXHAUSTED, details: error.message, metadata: new Metadata() };
    if (error instanceof MintmarkError) {
      this.#tell(error, error.level, error.code);
      return { code: STATUS_OF[error.code], details: detailsOf(error), metadata: named(error.code) };
    }
    this.#tell(error, 'error', 'internal_error');
    return { code: status.INTERNAL, details: 'Something went wrong here.', metadata: named('internal_error') };
  }

  #tell(err: unknown, level: MintmarkError['level'], kind: ErrorCode): void {
    const last = this.#told.get(kind);
    if (last !== undefined && Date.now() - last.at < TELL_INTERVAL_MS) {
      last.untold += 1;
      return;
    }
    // What passes by itself is no fault of the code: a stack would only frighten.
    const told = level === 'info' && err instanceof MintmarkError ? { detail: err.detail ?? err.message } : { err };
    this.log[level]({ ...told, untold: last?.untold ?? 0 }, `a call failed: ${kind}`);
    this.#told.set(kind, { at: Date.now(), untold: 0 });
  }
}

function named(code: ErrorCode): Metadata {
  const metadata = new Metadata();
  metadata.set(ERROR_NAME, code);
  return metadata;
}

function detailsOf(error: MintmarkError): string {
  if (!(error instanceof InvalidRequestError)) return error.publicMessage;
  return error.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}
