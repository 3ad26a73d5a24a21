import { describe, expect, test } from '@jest/globals';
import { BadGatewayException, HttpException, NotFoundException } from '@nestjs/common';
import {
  ConflictError,
  EnforcementUnconfirmedError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitedError,
  UnauthorizedError,
  UnavailableError,
} from '#libs/key-domain';
import { ApiKeyException } from '#libs/api-key-auth';
import { errorAnswer } from './error-answer.js';

const SECRET = 'relation "secrets" does not exist';

describe('what a client is told of an error', () => {
  test.each([
    [new UnauthorizedError('Who?'), 401, 'unauthorized', { 'WWW-Authenticate': 'Bearer realm="mintmark"' }],
    [new ForbiddenError('No.'), 403, 'forbidden', {}],
    [new NotFoundError('Nothing.'), 404, 'not_found', {}],
    [new ConflictError('Twice.'), 409, 'conflict', {}],
    [new RateLimitedError('Slower.', 17), 429, 'rate_limited', { 'Retry-After': '17' }],
    [new UnavailableError('Later.'), 503, 'unavailable', { 'Retry-After': '1' }],
    [new EnforcementUnconfirmedError('Again.'), 503, 'enforcement_unconfirmed', { 'Retry-After': '1' }],
  ])('%s', (error, status, code, headers) => {
    expect(errorAnswer(error)).toMatchObject({ status, code, message: error.publicMessage, headers });
  });

  test('that it was an internal one, and no more, where nobody foresaw it', () => {
    expect(errorAnswer(new Error(SECRET))).toMatchObject({ status: 500, code: 'internal_error', message: expect.any(String) });
  });

  test('every fault with its path', () => {
    const faults = [{ path: 'rateLimits.0.limit', message: 'Too small.' }];
    expect(errorAnswer(new InvalidRequestError(faults))).toMatchObject({ status: 400, details: { reason: faults } });
  });

  test.each([
    [{ code: 'unauthorized', because: 'revoked', error: 'invalid_token' }, 401, { reason: 'API key has been revoked' }],
    [{ code: 'insufficient_tokens', required: 5, available: 2 }, 402, { required: 5, available: 2 }],
    [{ code: 'forbidden', requiredScopes: [] }, 403, undefined],
    [{ code: 'rate_limited', retryAfterSeconds: 17 }, 429, { retryAfter: 17 }],
    [{ code: 'unavailable', retryAfterSeconds: 1 }, 503, undefined],
  ] as const)('whatever the guard of management keys refuses: %j', (answer, status, details) => {
    const told = errorAnswer(new ApiKeyException(answer, 'garmint'));
    expect(told).toMatchObject({ status, code: answer.code, message: expect.any(String) });
    expect(told.details).toEqual(details);
  });

  test('how long to wait, in the body too', () => {
    expect(errorAnswer(new RateLimitedError('Slower.', 17)).details).toEqual({ retryAfter: 17 });
  });
});

describe('what a client is not told', () => {
  test.each<[string, unknown]>([
    ['of an error that nobody foresaw', new Error(SECRET)],
    ['of what is no error', SECRET],
    ["of the platform's own failures", new BadGatewayException(SECRET)],
    ['of the detail of a failure', new UnavailableError('Later.', { detail: SECRET, cause: new Error(SECRET) })],
    ['of the text that a parser quotes', new HttpException(SECRET, 400, { cause: { type: 'entity.parse.failed' } })],
    ['of the path that led nowhere', new NotFoundException(SECRET)],
  ])('%s', (_, error) => {
    expect(JSON.stringify(errorAnswer(error))).not.toContain('secrets');
  });
});

describe('a body that could not be read', () => {
  test.each([
    ['entity.parse.failed', 400, 400],
    ['encoding.unsupported', 415, 400],
    ['entity.too.large', 413, 413],
  ])('%s is an invalid request', (type, thrown, status) => {
    const answer = errorAnswer(new HttpException('', thrown, { cause: { type } }));
    expect(answer).toMatchObject({ status, code: 'invalid_request', details: { reason: [{ path: '' }] } });
  });
});
