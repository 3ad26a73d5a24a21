import { ConflictError, InvalidRequestError, UnavailableError } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { driverDetail, toDomainError } from './driver-error.js';
import { ConstraintViolation, onViolation, StoreError } from './store-error.js';

const SECRET = '\\x00112233';

/** An error as the server sends it, full of what must not be told. */
function serverError(code: string, constraint?: string): DatabaseError {
  const error = new DatabaseError(`value ${SECRET} is wrong`, 0, 'error');
  return Object.assign(error, { severity: 'ERROR', code, detail: `Key (digest)=(${SECRET}) already exists.`, constraint });
}

const byTypeOrm = (error: Error) => new QueryFailedError(`SELECT '${SECRET}'`, [SECRET], error);

describe('toDomainError', () => {
  test.each([
    '08006',
    '08P01',
    '28P01',
    '53300',
    '57P01',
    '57P02',
    '57P03',
    '57014',
    '58030',
    '25006',
    '25P03',
    '3D000',
    '40001',
    '40P01',
    '55P03',
  ])('SQLSTATE %s means that Postgres is away, and that alone is noted', (state) => {
    for (const error of [serverError(state), byTypeOrm(serverError(state))]) {
      const translated = toDomainError(error);
      expect(translated).toBeInstanceOf(UnavailableError);
      expect(translated).toMatchObject({ detail: `SQLSTATE ${state}`, cause: undefined });
    }
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])(
    'so does %s',
    (code) => {
      const error = Object.assign(new Error(`connect ${code} 10.0.0.1:5432`), { code, syscall: 'connect' });
      expect(toDomainError(error)).toBeInstanceOf(UnavailableError);
      expect(toDomainError(error)).toMatchObject({ detail: code });
    },
  );

  test('so does a host of which every address refuses', () => {
    const error = Object.assign(new AggregateError([new Error('::1'), new Error('127.0.0.1')]), { code: 'ECONNREFUSED' });
    expect(toDomainError(error)).toMatchObject({ code: 'unavailable', detail: 'ECONNREFUSED' });
  });

  test.each(['Query read timeout', 'timeout exceeded when trying to connect', 'Connection terminated unexpectedly'])(
    'so does what the driver calls "%s"',
    (message) => expect(toDomainError(new Error(message))).toBeInstanceOf(UnavailableError),
  );

  test('so does a connection that was lost in the middle of a transaction', () => {
    expect(toDomainError(new QueryRunnerAlreadyReleasedError())).toBeInstanceOf(UnavailableError);
  });

  test.each(['22021', '22P02', '22P05', '54000', '54001'])('SQLSTATE %s is the fault of whoever sent the value', (state) => {
    expect(toDomainError(byTypeOrm(serverError(state)))).toBeInstanceOf(InvalidRequestError);
  });

  test.each(['23505', '23503'])('SQLSTATE %s names the constraint, for its adapter to say what it means', (state) => {
    const violation = toDomainError(byTypeOrm(serverError(state, 'products_pkey')));
    expect(violation).toBeInstanceOf(ConstraintViolation);
    const meaning = new ConflictError('There is one already.');
    expect(() => onViolation({ products_pkey: () => meaning })(violation)).toThrow(meaning);
    expect(() => onViolation({ scopes_pkey: () => meaning })(violation)).toThrow(violation);
  });

  test.each(['23514', '23502', '42P01', '42601', 'XX000'])('SQLSTATE %s is a fault of Mintmark’s own', (state) => {
    expect(toDomainError(serverError(state, 'a_check'))).toMatchObject({
      code: 'internal_error',
      detail: `SQLSTATE ${state}: a_check`,
    });
  });

  test.each([serverError('23514'), serverError('57P01'), byTypeOrm(serverError('23505', 'x')), byTypeOrm(serverError('22021'))])(
    'nothing of what the server or the ORM said comes along (%#)',
    (error) => {
      const translated = toDomainError(error) as StoreError;
      expect(`${translated.stack} ${translated.detail} ${JSON.stringify(translated)}`).not.toContain(SECRET);
    },
  );

  test.each([
    new ConflictError('mine'),
    new TypeError('a bug'),
    Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
    'text',
    undefined,
  ])('what no driver threw comes back as it is (%#)', (thrown) => expect(toDomainError(thrown)).toBe(thrown));
});

describe('driverDetail', () => {
  test.each([
    [serverError('57P01'), 'SQLSTATE 57P01'],
    [new Error('Query read timeout'), 'query timed out'],
    [new TypeError(SECRET), 'TypeError'],
    [SECRET, 'unknown'],
  ])('tells a code and never a text (%#)', (error, detail) => expect(driverDetail(error)).toBe(detail));
});
