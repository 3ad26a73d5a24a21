import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VerifyTokenResponse } from '#libs/contract';
import type { KeyRecord } from '#libs/key-domain';
import { QuickWriter } from './quick-writer.js';
import { writeResponse } from './write-response.js';

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.nat({ max: 300 }).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.constant('\ud800 is half a character') },
);
const texts = fc.array(text, { maxLength: 4 });

const records: fc.Arbitrary<KeyRecord> = fc.record({
  keyId: text,
  secretId: text,
  accountId: text,
  accountSuspended: fc.constant(false),
  ownerId: fc.option(text),
  name: text,
  environment: fc.option(text),
  scopes: texts,
  products: fc.oneof(fc.constant('all' as const), texts),
  allowedCidrs: texts,
  metadata: fc.oneof(fc.constant({}), fc.dictionary(fc.string(), fc.jsonValue())),
  limits: fc.constant(null),
  enabled: fc.constant(true),
  revoked: fc.constant(false),
  expiresAt: fc.option(fc.nat({ max: 4_000_000_000_000 })),
});

const writer = new QuickWriter();

function slowly(record: KeyRecord): Buffer {
  return Buffer.from(VerifyTokenResponse.encode(writeResponse({ code: 'VALID', record })).finish());
}

test('what is written quickly is what the generated code writes, byte for byte', () => {
  fc.assert(
    fc.property(records, (record) => {
      expect(writer.write(record)?.toString('hex')).toBe(slowly(record).toString('hex'));
    }),
    { numRuns: 2000 },
  );
});

test('an answer stays as it is while others are written', () => {
  fc.assert(
    fc.property(records, records, (one, other) => {
      const answer = writer.write(one);
      writer.write(other);
      expect(answer?.equals(slowly(one))).toBe(true);
    }),
  );
});

test('a grant of any length is written right, or left to the generated code', () => {
  const outcomes = new Set<boolean>();
  fc.assert(
    fc.property(records, fc.nat({ max: 200 }), fc.constantFrom('x', '€'), (record, scopes, unit) => {
      const long = { ...record, scopes: Array.from({ length: scopes }, () => unit.repeat(100)) };
      const answer = writer.write(long);
      outcomes.add(answer === null);
      expect(answer?.equals(slowly(long)) ?? true).toBe(true);
    }),
  );
  expect(outcomes).toEqual(new Set([true, false]));
});
