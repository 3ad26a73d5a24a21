import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aRecord } from '../key/key-record.fixture.js';
import type { KeyRecord } from '../key/key-record.js';
import { REFUSAL_CODES, type RefusalCode } from './code.js';
import { decide } from './decide.js';
import type { Counters, VerdictRequest } from './request.js';

const NOW = 1_800_000_000_000;

interface Case {
  readonly record: KeyRecord | null;
  readonly request: VerdictRequest;
  readonly counters: Counters | null;
}

const GOOD = {
  record: aRecord({
    name: 'good',
    environment: 'live',
    scopes: ['garments:read'],
    products: ['shirts'],
    allowedCidrs: ['192.0.2.0/24'],
    expiresAt: NOW + 1,
  }),
  request: {
    wellFormed: true,
    accountId: 'acc_1',
    requiredScopes: ['garments:read'],
    productId: 'shirts',
    clientIp: '192.0.2.1',
    environment: 'live',
    cost: 1,
  },
  counters: { credits: 1, rateLimits: [{ name: 'a minute', limit: 10, remaining: 1, resetsAt: NOW + 500 }] },
} as const satisfies Case;

type Spoiler = (good: Case & { readonly record: KeyRecord; readonly counters: Counters }) => Case;

/** For each check, what fails it and touches no other. */
const SPOILERS: Readonly<Record<RefusalCode, Spoiler>> = {
  MALFORMED: (good) => ({ ...good, request: { ...good.request, wellFormed: false } }),
  NOT_FOUND: (good) => ({ ...good, request: { ...good.request, accountId: 'acc_2' } }),
  REVOKED: (good) => ({ ...good, record: { ...good.record, revoked: true } }),
  EXPIRED: (good) => ({ ...good, record: { ...good.record, expiresAt: NOW } }),
  DISABLED: (good) => ({ ...good, record: { ...good.record, enabled: false } }),
  ACCOUNT_SUSPENDED: (good) => ({ ...good, record: { ...good.record, accountSuspended: true } }),
  ENVIRONMENT_MISMATCH: (good) => ({ ...good, request: { ...good.request, environment: 'test' } }),
  IP_NOT_ALLOWED: (good) => ({ ...good, request: { ...good.request, clientIp: '' } }),
  PRODUCT_NOT_ALLOWED: (good) => ({ ...good, request: { ...good.request, productId: 'shoes' } }),
  INSUFFICIENT_SCOPE: (good) => ({ ...good, request: { ...good.request, requiredScopes: ['garments:read', 'garments:write'] } }),
  QUOTA_EXCEEDED: (good) => ({ ...good, counters: { ...good.counters, credits: 0 } }),
  RATE_LIMITED: (good) => ({
    ...good,
    counters: { ...good.counters, rateLimits: [{ name: 'a minute', limit: 10, remaining: 0, resetsAt: NOW + 500 }] },
  }),
};

function spoil(codes: readonly RefusalCode[]): Case {
  return codes.reduce<Case>((spoiled, code) => {
    const { record, counters } = spoiled;
    if (record === null || counters === null) throw new Error('spoilers leave both');
    return SPOILERS[code]({ ...spoiled, record, counters });
  }, GOOD);
}

const judge = ({ record, request, counters }: Case) => decide(record, request, counters, NOW);

const text = fc.oneof(fc.constantFrom('', '*', 'a:b', 'a:*', 'live', '192.0.2.1', '10.0.0.0/8'), fc.string());
const time = fc.oneof(fc.constantFrom(NOW - 1, NOW, NOW + 1), fc.double());
const anyRecord: fc.Arbitrary<KeyRecord> = fc.record({
  keyId: text,
  secretId: text,
  accountId: fc.constantFrom('acc_1', 'acc_2'),
  accountSuspended: fc.boolean(),
  ownerId: fc.option(text),
  name: text,
  environment: fc.option(text),
  scopes: fc.array(text),
  products: fc.oneof(fc.constant('all' as const), fc.array(text)),
  allowedCidrs: fc.array(text),
  metadata: fc.dictionary(text, fc.anything()),
  limits: fc.constant(null),
  enabled: fc.boolean(),
  revoked: fc.boolean(),
  expiresAt: fc.option(time),
});
const anyRequest: fc.Arbitrary<VerdictRequest> = fc.record({
  wellFormed: fc.boolean(),
  accountId: fc.option(fc.constantFrom('acc_1', 'acc_2')),
  requiredScopes: fc.array(text),
  productId: text,
  clientIp: text,
  environment: text,
  cost: fc.nat(),
});
const anyCounters: fc.Arbitrary<Counters> = fc.record({
  credits: fc.option(fc.integer()),
  rateLimits: fc.array(fc.record({ name: text, limit: fc.nat(), remaining: fc.integer(), resetsAt: time })),
});

describe('decide', () => {
  test('is total: any record, request and counters get one of the thirteen verdicts', () => {
    fc.assert(
      fc.property(fc.option(anyRecord), anyRequest, fc.option(anyCounters), time, (record, request, counters, now) => {
        const verdict = decide(record, request, counters, now);
        expect(['VALID', ...REFUSAL_CODES]).toContain(verdict.code);
        expect(verdict.record === null).toBe(verdict.code === 'MALFORMED' || verdict.code === 'NOT_FOUND');
        expect([record, null]).toContain(verdict.record);
      }),
      { numRuns: 2000 },
    );
  });

  test('is pure: it changes nothing that it is given, and answers the same again', () => {
    fc.assert(
      fc.property(anyRecord, anyRequest, anyCounters, time, (...given) => {
        const before = given.map((one) => JSON.stringify(one));
        const verdict = decide(...given);
        expect(given.map((one) => JSON.stringify(one))).toEqual(before);
        expect(decide(...given)).toEqual(verdict);
      }),
    );
  });

  test('what fails none of the checks is VALID', () => {
    expect(judge(GOOD)).toEqual({ code: 'VALID', record: GOOD.record });
  });

  test('of whatever checks fail, the first in the order of the table is the verdict', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...REFUSAL_CODES], { minLength: 1 }), (failing) => {
        expect(judge(spoil(failing)).code).toBe(REFUSAL_CODES.find((code) => failing.includes(code)));
      }),
      { numRuns: 4096 },
    );
  });

  test('an unknown record is not found, unless the text is malformed already', () => {
    expect(judge({ ...GOOD, record: null }).code).toBe('NOT_FOUND');
    expect(judge({ ...spoil(['MALFORMED']), record: null }).code).toBe('MALFORMED');
  });

  test("another account's key says nothing of itself, whatever is the matter with it", () => {
    fc.assert(
      fc.property(anyRecord, anyRequest, (record, request) => {
        const verdict = decide(record, { ...request, wellFormed: true, accountId: 'acc_3' }, null, NOW);
        expect(verdict).toEqual({ code: 'NOT_FOUND', record: null });
      }),
    );
  });

  test('Mintmark itself asks across accounts', () => {
    expect(judge({ ...GOOD, request: { ...GOOD.request, accountId: null } }).code).toBe('VALID');
  });

  test.each([
    ['before its expiry', NOW - 1, 'EXPIRED'],
    ['at its expiry', NOW, 'EXPIRED'],
    ['a moment before', NOW + 1, 'VALID'],
    ['without any', null, 'VALID'],
  ])('a key is good up to its expiry and not at it (%s)', (_, expiresAt, code) => {
    expect(judge({ ...GOOD, record: { ...GOOD.record, expiresAt } }).code).toBe(code);
  });

  test('what the caller does not ask about is not judged: environment, product, scopes, counters', () => {
    const record = { ...GOOD.record, scopes: [], products: [], environment: null };
    const request = { ...GOOD.request, environment: '', productId: '', requiredScopes: [] };
    expect(judge({ record, request, counters: null }).code).toBe('VALID');
  });

  test('a key without an environment mismatches every one that is named', () => {
    expect(judge({ ...GOOD, record: { ...GOOD.record, environment: null } }).code).toBe('ENVIRONMENT_MISMATCH');
  });

  test('a key without a list of addresses may come from anywhere, unknown addresses included', () => {
    const request = { ...GOOD.request, clientIp: 'unknown' };
    expect(judge({ ...GOOD, record: { ...GOOD.record, allowedCidrs: [] }, request }).code).toBe('VALID');
  });

  test('access to all products includes every one; an empty list includes none', () => {
    expect(judge({ ...GOOD, record: { ...GOOD.record, products: 'all' } }).code).toBe('VALID');
    expect(judge({ ...GOOD, record: { ...GOOD.record, products: [] } }).code).toBe('PRODUCT_NOT_ALLOWED');
  });

  test('the missing scopes are told in the order required', () => {
    const request = { ...GOOD.request, requiredScopes: ['z:z', 'garments:read', 'a:a'] };
    expect(judge({ ...GOOD, request })).toMatchObject({ code: 'INSUFFICIENT_SCOPE', missingScopes: ['z:z', 'a:a'] });
  });

  test('credits must cover the whole cost; a cost of 0 checks without taking and passes an empty quota', () => {
    const withCost = (cost: number) => judge({ ...GOOD, request: { ...GOOD.request, cost } });
    expect(withCost(1).code).toBe('VALID');
    expect(withCost(2)).toMatchObject({ code: 'QUOTA_EXCEEDED', required: 2, available: 1 });
    const empty = { ...GOOD.counters, credits: 0 };
    expect(judge({ ...GOOD, request: { ...GOOD.request, cost: 0 }, counters: empty }).code).toBe('VALID');
  });

  test('a rate limit says how long to wait: until the last of the spent windows ends', () => {
    const limit = (remaining: number, resetsAt: number) => ({ name: 'x', limit: 10, remaining, resetsAt });
    const rateLimits = [limit(0, NOW + 500), limit(0, NOW + 700), limit(3, NOW + 9000)];
    expect(judge({ ...GOOD, counters: { credits: null, rateLimits } })).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 700,
    });
    const past = [limit(0, NOW - 500)];
    expect(judge({ ...GOOD, counters: { credits: null, rateLimits: past } })).toMatchObject({ retryAfterMs: 0 });
  });
});
