import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RETRY_SCHEDULE, retryDelayMs } from './retry-schedule.js';

describe('retries', () => {
  test('come after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, and then no more', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((failures) => retryDelayMs(failures, null, 0));
    const hour = 3_600_000;
    expect(delays).toEqual([5_000, 300_000, hour / 2, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * hour), null, null]);
  });

  test('are never earlier than the schedule or the endpoint asks, nor later than a day and a tenth', () => {
    const failures = fc.integer({ min: 1, max: RETRY_SCHEDULE.length - 1 });
    const retryAfter = fc.option(fc.integer({ min: 0, max: 10_000_000 }));
    fc.assert(
      fc.property(failures, retryAfter, fc.double({ min: 0, max: 1, noNaN: true }), (failed, asked, random) => {
        const delay = retryDelayMs(failed, asked, random) ?? 0;
        const least = Math.max(RETRY_SCHEDULE[failed] ?? 0, Math.min(asked ?? 0, 86_400)) * 1_000;
        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(Math.round(86_400_000 * 1.1));
      }),
    );
  });

  test('of endpoints that failed together are spread', () => {
    expect(retryDelayMs(2, null, 0.9)).toBeGreaterThan(retryDelayMs(2, null, 0.1) ?? Infinity);
  });
});
