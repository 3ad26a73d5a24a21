import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aRecord } from '../key/key-record.fixture.js';
import { decide } from '../verdict/decide.js';
import type { Counters, VerdictRequest } from '../verdict/request.js';
import { type CountedUse, leftOf, takeFrom, type Taking } from './counted-use.js';
import { type KeyLimits, REFILL_INTERVALS } from './limits.js';

const START = Date.UTC(2026, 10, 23, 16, 40);
const UNUSED: CountedUse = { credits: null, countedAt: START, windows: {}, exhaustedAt: null };
const REQUEST: VerdictRequest = {
  wellFormed: true,
  accountId: null,
  requiredScopes: [],
  productId: '',
  clientIp: '',
  environment: '',
  cost: 1,
};

/** A request as a verifier makes it: admitted by `decide`. */
function aTaking(limits: KeyLimits, cost = 1): Taking {
  const verdict = (counters: Counters, now: number) => decide(aRecord({ limits }), { ...REQUEST, cost }, counters, now);
  return { keyId: 'key_1', limits, cost, admits: (counters, now) => verdict(counters, now).code === 'VALID' };
}

const names = fc.constantFrom<string[]>('a minute', 'an hour', '__proto__', 'constructor', 'toString');
const limitsOf = fc.record({
  rateLimits: fc.uniqueArray(
    fc.record({ name: names, limit: fc.integer({ min: 1, max: 5 }), windowSeconds: fc.integer({ min: 1, max: 100 }) }),
    { maxLength: 3, selector: ({ name }) => name },
  ),
  quota: fc.option(
    fc.record({
      refill: fc.option(fc.record({ amount: fc.integer({ min: 1, max: 20 }), interval: fc.constantFrom(...REFILL_INTERVALS) })),
    }),
  ),
});
const requests = fc.array(
  fc.record({ afterMs: fc.oneof(fc.nat(3_000), fc.nat(100_000), fc.nat(40 * 86_400_000)), cost: fc.nat(6) }),
  { maxLength: 60 },
);

interface Counted {
  readonly at: number;
  readonly cost: number;
  readonly before: CountedUse;
  readonly after: CountedUse;
  readonly admitted: boolean;
}

function run(
  limits: KeyLimits,
  credits: number,
  asked: readonly { readonly afterMs: number; readonly cost: number }[],
): Counted[] {
  let use: CountedUse = { ...UNUSED, credits: limits.quota === null ? null : credits };
  let now = START;
  return asked.map(({ afterMs, cost }) => {
    now += afterMs;
    const taking = aTaking(limits, cost);
    const before = use;
    const { use: after, taken } = takeFrom(before, taking, now);
    use = after;
    return { at: now, cost, before, after, admitted: taking.admits(taken.counters, now) };
  });
}

describe('whatever is asked for, and when', () => {
  test('no window of a rate limit lets in more requests than its limit', () => {
    fc.assert(
      fc.property(limitsOf, fc.nat(50), requests, (limits, credits, asked) => {
        const history = run(limits, credits, asked);
        for (const { name, limit } of limits.rateLimits) {
          const windows = new Map<number, number>();
          for (const { after, before, admitted, cost } of history) {
            if (!admitted || cost === 0) continue;
            const [startedAt = 0] = (Object.hasOwn(after.windows, name) ? after.windows[name] : undefined) ?? [];
            windows.set(startedAt, (windows.get(startedAt) ?? 0) + 1);
            expect(after).not.toBe(before);
          }
          for (const requestsIn of windows.values()) expect(requestsIn).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test('windows of a rate limit never overlap', () => {
    fc.assert(
      fc.property(limitsOf, requests, (limits, asked) => {
        const history = run(limits, 1_000_000, asked);
        for (const { name, windowSeconds } of limits.rateLimits) {
          const starts = new Set(
            history.flatMap(({ after }) => (Object.hasOwn(after.windows, name) ? (after.windows[name] ?? []).slice(0, 1) : [])),
          );
          const sorted = [...starts].toSorted((one, other) => one - other);
          for (const [index, start] of sorted.entries()) {
            if (index > 0) expect(start - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(windowSeconds * 1000);
          }
        }
      }),
    );
  });

  test('credits are never below zero, and without a refill all that is taken is what was given', () => {
    fc.assert(
      fc.property(limitsOf, fc.nat(50), requests, (limits, credits, asked) => {
        const history = run(limits, credits, asked);
        for (const { after } of history) if (after.credits !== null) expect(after.credits).toBeGreaterThanOrEqual(0);
        if (limits.quota === null || limits.quota.refill !== null) return;
        const taken = history.reduce((sum, { admitted, cost }) => sum + (admitted ? cost : 0), 0);
        expect((history.at(-1)?.after.credits ?? credits) + taken).toBe(credits);
      }),
    );
  });

  test('a request takes from all limits or from none', () => {
    fc.assert(
      fc.property(limitsOf, fc.nat(50), requests, (limits, credits, asked) => {
        for (const { at, before, after, admitted, cost } of run(limits, credits, asked)) {
          const [were, are] = [leftOf(limits, before, at), leftOf(limits, after, at)];
          const took = admitted && cost > 0;
          expect(are.rateLimits.map(({ remaining }) => remaining)).toEqual(
            were.rateLimits.map(({ remaining }) => remaining - (took ? 1 : 0)),
          );
          expect(are.quota?.remaining).toBe(were.quota === null ? undefined : were.quota.remaining - (took ? cost : 0));
        }
      }),
    );
  });

  test('that credits are exhausted begins once between two rises of them', () => {
    fc.assert(
      fc.property(limitsOf, fc.nat(20), requests, (limits, credits, asked) => {
        let [begun, level] = [false, credits];
        for (const { at, before, after, cost, admitted } of run(limits, credits, asked)) {
          if (after.credits === null) continue;
          const had = leftOf(limits, before, at).quota?.remaining ?? 0;
          if (had > level) begun = false;
          level = had - (admitted ? cost : 0);
          const runsOut = (admitted && cost > 0 && level === 0) || had < cost;
          if (runsOut && !begun) expect(after.exhaustedAt).toBe(at);
          else if (after !== before && begun) expect(after.exhaustedAt).toBe(before.exhaustedAt);
          begun ||= runsOut;
        }
      }),
    );
  });
});

test('counts of names that are no longer limited are let go of, and a limit that is lowered counts what was', () => {
  const wide = {
    rateLimits: [
      { name: 'm', limit: 100, windowSeconds: 60 },
      { name: 'h', limit: 5, windowSeconds: 3600 },
    ],
    quota: null,
  };
  const narrow = { rateLimits: [{ name: 'm', limit: 2, windowSeconds: 60 }], quota: null };
  let use = UNUSED;
  for (let request = 0; request < 3; request += 1) ({ use } = takeFrom(use, aTaking(wide), START));
  expect(leftOf(narrow, use, START).rateLimits).toEqual([{ name: 'm', limit: 2, remaining: 0, resetsAt: START + 60_000 }]);
  expect(takeFrom(use, aTaking(narrow), START).use).toBe(use);
  expect(takeFrom(use, aTaking(narrow), START + 60_000).use.windows).toEqual({ m: [START + 60_000, 1] });
});

test('a clock that was set back lets a window last longer, and lets in no more', () => {
  const limits = { rateLimits: [{ name: 'm', limit: 1, windowSeconds: 60 }], quota: null };
  const { use } = takeFrom(UNUSED, aTaking(limits), START);
  expect(takeFrom(use, aTaking(limits), START - 3_600_000).use).toBe(use);
});

test.each([
  ['takes', 2, 3],
  ['is refused', 7, 5],
])('a clock that was set back to before a refill brings it no second time where a request %s', (_, cost, left) => {
  const midnight = Date.UTC(2026, 10, 24);
  const limits: KeyLimits = { rateLimits: [], quota: { refill: { amount: 10, interval: 'day' } } };
  let use: CountedUse = { ...UNUSED, credits: 1 };
  ({ use } = takeFrom(use, aTaking(limits, 5), midnight + 5));
  ({ use } = takeFrom(use, aTaking(limits, cost), midnight - 3_000));
  expect(leftOf(limits, use, midnight + 6).quota?.remaining).toBe(left);
  expect(leftOf(limits, use, midnight + 86_400_000).quota?.remaining).toBe(10);
});
