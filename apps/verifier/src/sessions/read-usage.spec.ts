import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SecretUsage } from '#libs/contract';
import { MOST_REPORTED, readUsage } from './read-usage.js';

const use: SecretUsage = { keyId: 'key_1', secretId: 'sec_1', verifications: 3, sinceLast: { seconds: 2, nanos: 500_000_000 } };
const read = (fields: Partial<SecretUsage>) => readUsage({ guardSessionId: 's', usage: [{ ...use, ...fields }] });

test('what a guard reports is read as it is told', () => {
  expect(read({})).toEqual([{ keyId: 'key_1', secretId: 'sec_1', verifications: 3, sinceLast: 2_500 }]);
  expect(read({ sinceLast: undefined })).toMatchObject([{ sinceLast: 0 }]);
});

test('a use lies within the last hour and counts for ten million at most, whatever a guard reports', () => {
  const seconds = fc.oneof(fc.constantFrom(3e11, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
  const sinceLast = fc.record({ seconds, nanos: fc.integer({ min: 0, max: 2 ** 31 - 1 }) });
  fc.assert(
    fc.property(sinceLast, fc.maxSafeNat(), (since, verifications) => {
      for (const one of read({ sinceLast: since, verifications })) {
        expect(one.sinceLast).toBeLessThanOrEqual(MOST_REPORTED.sinceLastMs);
        expect(one.verifications).toBeLessThanOrEqual(MOST_REPORTED.verifications);
      }
    }),
  );
});

test('a use that is yet to come is refused', () => {
  for (const sinceLast of [
    { seconds: -1, nanos: 0 },
    { seconds: 0, nanos: -1 },
  ]) {
    expect(() => read({ sinceLast })).toThrow(
      expect.objectContaining({ faults: [{ path: 'usage[0].since_last', message: expect.anything() }] }),
    );
  }
});
