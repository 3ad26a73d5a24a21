import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_RATE_LIMITS, type Verdict } from '#libs/key-domain';
import { AnswerTooLargeError } from '../grpc/answer-too-large.js';
import { aRecord } from '../key-record.fixture.js';
import { assertAnswersFit } from './answer-size.js';
import { AnswerWriter, writeBatch } from './write-answer.js';

const NOW = Date.UTC(2026, 10, 24);
const MOST_MS = 365 * 86_400_000;

/** A record of a key with limits, the verdict before its request is counted, one that may come of it, and what is left then. */
const counted = fc
  .record({
    name: fc.string({ unit: 'grapheme', maxLength: 64 }),
    scopes: fc.array(fc.string({ maxLength: 40 }), { maxLength: 20 }),
    metadata: fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
    rates: fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 32 }), { maxLength: MAX_RATE_LIMITS }),
    remaining: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    ms: fc.nat({ max: MOST_MS }),
    becomes: fc.constantFrom('VALID', 'QUOTA_EXCEEDED', 'RATE_LIMITED'),
  })
  .map(({ name, scopes, metadata, rates, remaining, ms, becomes }) => {
    const rateLimits = rates.map((rate) => ({ name: rate, limit: Number.MAX_SAFE_INTEGER, windowSeconds: 60 }));
    const limits = { rateLimits, quota: { refill: null } };
    const record = aRecord({ keyId: 'key', secretId: 'sec', accountId: 'acc', name, scopes, metadata, limits });
    const later = {
      VALID: { code: 'VALID', record },
      QUOTA_EXCEEDED: { code: 'QUOTA_EXCEEDED', record, required: 1, available: 0 },
      RATE_LIMITED: { code: 'RATE_LIMITED', record, retryAfterMs: ms },
    } as const satisfies Record<string, Verdict>;
    const left = {
      rateLimits: rateLimits.map((rate) => ({ name: rate.name, limit: rate.limit, remaining, resetsAt: NOW + ms })),
      quota: { remaining, refillsAt: NOW + ms },
    };
    return { before: { code: 'VALID', record } as const, verdict: later[becomes], left };
  });

describe('answers that are counted', () => {
  test('never take more bytes than they were let through for', () => {
    fc.assert(
      fc.property(fc.array(counted, { minLength: 2, maxLength: 6 }), (all) => {
        const writer = new AnswerWriter();
        const written = writeBatch(all.map(({ verdict, left }) => writer.write(verdict, left, MOST_MS))).length;
        expect(() => {
          assertAnswersFit(
            all.map(({ before }) => before),
            writer,
            written - 1,
          );
        }).toThrow(AnswerTooLargeError);
      }),
    );
  });

  test('stand alone at any size', () => {
    const [record] = [aRecord({ keyId: 'key', secretId: 'sec', accountId: 'acc', name: 'x'.repeat(2_000) })];
    const verdict: Verdict = { code: 'VALID', record };
    const writer = new AnswerWriter();
    expect(() => {
      assertAnswersFit([verdict], writer, 1_000);
    }).not.toThrow();
    expect(() => {
      assertAnswersFit([verdict, { code: 'NOT_FOUND', record: null }], writer, 1_000);
    }).toThrow('The answers would take more than 1000 bytes: ask about fewer tokens at once.');
  });
});
