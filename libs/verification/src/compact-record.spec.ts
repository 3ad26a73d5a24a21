import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KeyRecord } from '#libs/key-domain';
import { CompactRecords } from './compact-record.js';

const texts = fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 });
const records: fc.Arbitrary<KeyRecord> = fc.record({
  keyId: fc.string(),
  secretId: fc.string(),
  accountId: fc.string({ maxLength: 3 }),
  accountSuspended: fc.boolean(),
  ownerId: fc.option(fc.string()),
  name: fc.string(),
  environment: fc.option(fc.constantFrom('live', 'test')),
  scopes: texts,
  products: fc.oneof(fc.constant('all' as const), texts),
  allowedCidrs: texts,
  metadata: fc.dictionary(fc.string(), fc.jsonValue()),
  limits: fc.option(
    fc.record({
      rateLimits: fc.array(fc.record({ name: fc.string(), limit: fc.nat(), windowSeconds: fc.nat() })),
      quota: fc.constant(null),
    }),
  ),
  enabled: fc.boolean(),
  revoked: fc.boolean(),
  expiresAt: fc.option(fc.nat()),
});

test('a record made small says what it said, whatever was made small before it', () => {
  const compact = new CompactRecords();
  fc.assert(
    fc.property(records, (record) => {
      expect({ ...compact.of(record), metadata: { ...compact.of(record).metadata } }).toEqual({
        ...record,
        metadata: { ...record.metadata },
      });
    }),
  );
});

test('records with the same address ranges hold one list of them, which nobody can change', () => {
  const compact = new CompactRecords();
  fc.assert(
    fc.property(records, fc.uniqueArray(fc.string(), { minLength: 1 }), (record, allowedCidrs) => {
      const [one, other] = [allowedCidrs, [...allowedCidrs]].map(
        (own) => compact.of({ ...record, allowedCidrs: own }).allowedCidrs,
      );
      expect(one).toEqual(allowedCidrs);
      expect(other).toBe(one);
      expect(Object.isFrozen(one)).toBe(true);
    }),
  );
});
