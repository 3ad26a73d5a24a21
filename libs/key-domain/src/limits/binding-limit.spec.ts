import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CountedUse, takeFrom, type Taken } from './counted-use.js';
import { bindingLimit } from './binding-limit.js';
import type { RateLimit } from './limits.js';

const NOTHING_USED: CountedUse = { credits: null, countedAt: 0, windows: {}, exhaustedAt: null };

const limits = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    limit: fc.integer({ min: 1, max: 20 }),
    windowSeconds: fc.integer({ min: 1, max: 100 }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ name }) => name },
);

/** One request after another at these times, in milliseconds. */
function requests(
  rateLimits: readonly RateLimit[],
  times: readonly number[],
): { readonly use: CountedUse; readonly last: Taken | null } {
  let [use, last]: [CountedUse, Taken | null] = [NOTHING_USED, null];
  for (const now of times) ({ use, taken: last } = request(rateLimits, use, now));
  return { use, last };
}

function request(rateLimits: readonly RateLimit[], use: CountedUse, now: number) {
  const admits: Parameters<typeof takeFrom>[1]['admits'] = (counters) =>
    counters.rateLimits.every(({ remaining }) => remaining > 0);
  return takeFrom(use, { keyId: 'key', limits: { rateLimits, quota: null }, cost: 1, admits }, now);
}

const times = fc
  .array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 40 })
  .map((list) => list.sort((a, b) => a - b));

describe('the rate limit that binds', () => {
  test('is none of none', () => expect(bindingLimit([])).toBeNull());

  test('lets in exactly as many more requests as it tells', () => {
    fc.assert(
      fc.property(limits, times, (rateLimits, at) => {
        const { use, last } = requests(rateLimits, at);
        const now = at.at(-1) ?? 0;
        const told = bindingLimit(last?.left.rateLimits ?? [])?.remaining ?? NaN;
        let [state, admitted] = [use, 0];
        for (;;) {
          const next = request(rateLimits, state, now);
          if (next.use === state) break;
          [state, admitted] = [next.use, admitted + 1];
        }
        expect(admitted).toBe(told);
      }),
    );
  });

  test('is for a refused caller the spent one that ends last: not before its end is anything let in', () => {
    fc.assert(
      fc.property(limits, times, (rateLimits, at) => {
        const { use, last } = requests(rateLimits, at);
        const binding = bindingLimit(last?.left.rateLimits ?? []);
        if (binding === null || binding.remaining > 0) return;
        const isAdmitted = (now: number) => request(rateLimits, use, now).use !== use;
        expect([isAdmitted(binding.resetsAt - 1), isAdmitted(binding.resetsAt)]).toEqual([false, true]);
      }),
    );
  });
});
