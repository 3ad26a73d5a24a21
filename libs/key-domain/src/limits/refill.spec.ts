import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REFILL_INTERVALS } from './limits.js';
import { nextRefill, refilled } from './refill.js';

const at = (time: string) => Date.parse(time);
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const interval = fc.constantFrom(...REFILL_INTERVALS);

describe('credits are added', () => {
  test.each([
    ['hour', '2026-11-23T16:40:00Z', '2026-11-23T17:00:00Z'],
    ['hour', '2026-11-23T17:00:00Z', '2026-11-23T18:00:00Z'],
    ['day', '2026-11-23T16:40:00Z', '2026-11-24T00:00:00Z'],
    ['month', '2026-11-23T16:40:00Z', '2026-12-01T00:00:00Z'],
    ['month', '2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'],
    ['month', '2028-01-31T12:00:00Z', '2028-02-01T00:00:00Z'],
  ] as const)('by the %s: after %s at %s', (by, after, next) => {
    expect(new Date(nextRefill(at(after), by))).toEqual(new Date(next));
  });

  test('always later than the time asked about, and at no time in between', () => {
    fc.assert(
      fc.property(time, interval, fc.double({ min: 0, max: 1, noNaN: true }), (after, by, part) => {
        const next = nextRefill(after, by);
        expect(next).toBeGreaterThan(after);
        const between = Math.floor(after + part * (next - 1 - after));
        expect(nextRefill(between, by)).toBe(next);
        expect(nextRefill(next, by)).toBeGreaterThan(next);
      }),
    );
  });

  test('up to the amount, whatever is left; what was set above it stays, and what is left over is not saved up', () => {
    const refill = { amount: 100, interval: 'day' } as const;
    const [today, tomorrow, nextYear] = [at('2026-11-23T10:00:00Z'), at('2026-11-24T00:00:00Z'), at('2027-11-23T10:00:00Z')];
    expect(refilled(3, today, refill, tomorrow - 1)).toBe(3);
    expect(refilled(3, today, refill, tomorrow)).toBe(100);
    expect(refilled(99, today, refill, nextYear)).toBe(100);
    expect(refilled(500, today, refill, nextYear)).toBe(500);
  });

  test('never, where nothing is to be', () => {
    fc.assert(fc.property(fc.nat(), time, time, (credits, counted, now) => refilled(credits, counted, null, now) === credits));
  });
});
