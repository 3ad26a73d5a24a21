import { InvalidRequestError, MintmarkError, UnavailableError } from '#libs/key-domain';
import { types } from 'node:util';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { ConstraintViolation, StoreError } from './store-error.js';

/**
 * Errors by which Postgres says that it can't do the work now: connection exceptions (08), refused credentials
 * (28), insufficient resources (53), operator intervention (57), system errors (58), and those after which a
 * repetition may succeed (PostgreSQL, Appendix A).
 */
const AWAY_STATE = /^(08...|28...|53...|57...|58...|25006|25P03|26000|3D000|40001|40P01|55P03)$/;

/** Data that no column can hold, such as U+0000 in a text (22), or more than an index or the parser takes (54). */
const UNSTORABLE_STATE = /^(22|54)...$/;

const VIOLATION_STATES = new Set(['23503', '23505']);

/** What pg reports in words alone, and what is noted of it. */
const AWAY_MESSAGES = new Map([
  ['Query read timeout', 'query timed out'],
  ['timeout exceeded when trying to connect', 'no connection became free'],
  ['timeout expired', 'connecting timed out'],
  ['Connection terminated due to connection timeout', 'connecting timed out'],
  ['Connection terminated', 'connection ended'],
  ['Connection terminated unexpectedly', 'connection ended'],
  ['Client has encountered a connection error and is not queryable', 'connection ended'],
  ['Client was closed and is not queryable', 'connection ended'],
  ['Cannot use a pool after calling end on the pool', 'shutting down'],
  ['The server does not support SSL connections', 'no TLS'],
  ['There was an error establishing an SSL connection', 'no TLS'],
]);

interface DriverFault extends Error {
  readonly code?: string;
  readonly constraint?: string;
}

/**
 * The one place where a driver's errors become the domain's. What it returns quotes neither statement nor values:
 * those hold digests and password hashes. Anything that no driver threw comes back as it is.
 */
export function toDomainError(error: unknown): unknown {
  if (!types.isNativeError(error) || error instanceof MintmarkError) return error;
  const fault: DriverFault = error instanceof QueryFailedError ? (error.driverError as DriverFault) : error;
  const away = awayDetail(fault);
  if (away !== null) return new UnavailableError('The database can not be reached at the moment.', { detail: away });
  const state = sqlState(fault);
  return state === null ? error : refusal(state, fault);
}

function awayDetail(fault: DriverFault): string | null {
  const state = sqlState(fault);
  if (state !== null) return AWAY_STATE.test(state) ? `SQLSTATE ${state}` : null;
  if (isSystemErrorCode(fault.code)) return fault.code;
  if (fault instanceof QueryRunnerAlreadyReleasedError) return 'connection ended';
  return AWAY_MESSAGES.get(fault.message) ?? null;
}

function refusal(state: string, fault: DriverFault): MintmarkError {
  if (UNSTORABLE_STATE.test(state)) {
    return new InvalidRequestError([{ path: '', message: 'holds a value that cannot be stored' }], {
      detail: `SQLSTATE ${state}`,
    });
  }
  if (VIOLATION_STATES.has(state) && fault.constraint !== undefined) return new ConstraintViolation(state, fault.constraint);
  return new StoreError(`SQLSTATE ${state}${fault.constraint === undefined ? '' : `: ${fault.constraint}`}`);
}

/** Every error of the server's carries a severity; of what Node throws, only codes of its own have five letters. */
function sqlState(fault: DriverFault): string | null {
  return 'severity' in fault && fault.code !== undefined && /^[0-9A-Z]{5}$/.test(fault.code) ? fault.code : null;
}

/** `ECONNREFUSED` and its kind (errno(3)), or the resolver's; never `ERR_…`, which is a programming error. */
function isSystemErrorCode(code: string | undefined): code is string {
  return code !== undefined && /^E(?!RR_)[A-Z0-9_]+$/.test(code);
}

/** What may be logged of an error: a code where there is one, and never the driver's text. */
export function driverDetail(error: unknown): string {
  const translated = toDomainError(error);
  if (translated instanceof MintmarkError) return translated.detail ?? translated.code;
  return types.isNativeError(translated) ? translated.name : 'unknown';
}
