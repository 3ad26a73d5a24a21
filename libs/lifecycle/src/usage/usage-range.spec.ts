import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GRANULARITIES, GRANULE_MS, InvalidRequestError, USAGE_KEPT_DAYS } from '#libs/key-domain';
import { spanOf, type UsageRange } from './usage-range.js';

const NOW = new Date('2026-03-10T14:35:12.345Z');
const DAY_MS = 86_400_000;

function faultsOf(range: UsageRange): readonly string[] {
  try {
    spanOf(range, NOW);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    return error.faults.map(({ path }) => path);
  }
}

describe('a range of usage', () => {
  test('is the last 24 hours, or the last 30 days where days are asked for', () => {
    expect(spanOf({}, NOW)).toEqual({
      granularity: 'hour',
      from: new Date('2026-03-09T14:00:00Z'),
      to: new Date('2026-03-10T15:00:00Z'),
    });
    expect(spanOf({ granularity: 'day' }, NOW)).toEqual({
      granularity: 'day',
      from: new Date('2026-02-08T00:00:00Z'),
      to: new Date('2026-03-11T00:00:00Z'),
    });
  });

  test('of whole hours or days stays as it is', () => {
    const range = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z') };
    for (const granularity of GRANULARITIES) expect(spanOf({ ...range, granularity }, NOW)).toEqual({ ...range, granularity });
  });

  test.each([
    ['that ends where it begins', { from: NOW, to: NOW }],
    ['that ends before it begins', { from: NOW, to: new Date(NOW.getTime() - 1) }],
    ['that begins in the future, with no end', { from: new Date(NOW.getTime() + 1) }],
    [
      'of hours of which some are forgotten',
      { from: new Date(NOW.getTime() - 92 * DAY_MS), to: new Date(NOW.getTime() - 80 * DAY_MS) },
    ],
    ['of days that nobody counted', { from: new Date(0), to: new Date(DAY_MS), granularity: 'day' as const }],
  ])('%s is refused at its beginning', (_, range) => {
    expect(faultsOf(range)).toEqual(['from']);
  });

  test.each(GRANULARITIES)('by the %s is as long as counts are kept, and no longer', (granularity) => {
    const longest = USAGE_KEPT_DAYS[granularity] * DAY_MS;
    expect(faultsOf({ granularity, from: new Date(NOW.getTime() - longest), to: NOW })).toEqual([]);
    expect(faultsOf({ granularity, from: new Date(NOW.getTime() - longest - 1), to: NOW })).toEqual(['from']);
  });

  test('that is taken is widened by less than one hour or day at each end, to whole ones', () => {
    const ago = fc.integer({ min: 0, max: 89 * DAY_MS });
    fc.assert(
      fc.property(ago, ago, fc.constantFrom(...GRANULARITIES), (one, other, granularity) => {
        fc.pre(one !== other);
        const [from, to] = [NOW.getTime() - Math.max(one, other), NOW.getTime() - Math.min(one, other)];
        const span = spanOf({ from: new Date(from), to: new Date(to), granularity }, NOW);
        const granule = GRANULE_MS[granularity];
        expect([span.from.getTime() % granule, span.to.getTime() % granule]).toEqual([0, 0]);
        expect(from - span.from.getTime()).toBeGreaterThanOrEqual(0);
        expect(from - span.from.getTime()).toBeLessThan(granule);
        expect(span.to.getTime() - to).toBeGreaterThanOrEqual(0);
        expect(span.to.getTime() - to).toBeLessThan(granule);
      }),
    );
  });
});
