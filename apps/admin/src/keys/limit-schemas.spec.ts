import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_CREDITS, MAX_RATE, MAX_RATE_LIMITS, MAX_WINDOW_SECONDS, REFILL_INTERVALS } from '#libs/key-domain';
import { limitAnswers, quota, rateLimits } from './limit-schemas.js';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
const rateLimit = fc.record({
  name,
  limit: fc.integer({ min: 1, max: MAX_RATE }),
  windowSeconds: fc.integer({ min: 1, max: MAX_WINDOW_SECONDS }),
});
const credits = fc.oneof(fc.constantFrom(0, 1, MAX_CREDITS), fc.integer({ min: 0, max: MAX_CREDITS }));
const refill = fc.record({
  amount: fc.integer({ min: 1, max: MAX_CREDITS }),
  interval: fc.constantFrom(...REFILL_INTERVALS),
});

/** No whole number from `min` to `max`. */
const outside = (min: number, max: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.maxSafeInteger().filter((value) => value < min || value > max),
    fc.double().filter((value) => !Number.isInteger(value)),
    fc.constantFrom(null, `${min}`, true, Infinity, [min]),
  );

const pathsOf = (result: { readonly error?: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] } }) =>
  result.error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('limits of a key', () => {
  test('are taken as they are, up to their bounds, and answers hold what was taken', () => {
    fc.assert(
      fc.property(fc.array(rateLimit, { maxLength: MAX_RATE_LIMITS }), credits, fc.option(refill), (limits, remaining, added) => {
        expect(rateLimits.parse(limits)).toEqual(limits);
        expect(quota.parse({ remaining })).toEqual({ remaining });
        expect(limitAnswers.quota.parse(quota.parse({ remaining, refill: added }))).toEqual({ remaining, refill: added });
      }),
    );
  });

  test.each<[string, fc.Arbitrary<unknown>]>([
    ['limit', outside(1, MAX_RATE)],
    ['windowSeconds', outside(1, MAX_WINDOW_SECONDS)],
    [
      'name',
      fc.oneof(
        fc.string().filter((text) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(text)),
        fc.constant('a\n'),
        fc.nat(),
      ),
    ],
  ])('of a rate limit whose %s is none, the place is named', (field, wrong) => {
    fc.assert(
      fc.property(fc.array(rateLimit, { maxLength: 3 }), rateLimit, wrong, (before, one, value) => {
        const result = rateLimits.safeParse([...before, { ...one, [field]: value }]);
        expect(pathsOf(result)).toEqual([`${before.length}.${field}`]);
      }),
    );
  });

  test.each<[string, fc.Arbitrary<object>]>([
    ['remaining', outside(0, MAX_CREDITS).map((remaining) => ({ remaining }))],
    ['refill.amount', outside(1, MAX_CREDITS).map((amount) => ({ remaining: 1, refill: { amount, interval: 'day' } }))],
    [
      'refill.interval',
      fc
        .constantFrom('', 'week', 'DAY', 'toString', null, 1)
        .map((interval) => ({ remaining: 1, refill: { amount: 1, interval } })),
    ],
  ])('of a quota whose %s is none, the place is named', (path, wrong) => {
    fc.assert(fc.property(wrong, (value) => expect(pathsOf(quota.safeParse(value))).toEqual([path])));
  });
});
