import { describe, expect, test } from '@jest/globals';
import { MUTATIONS } from './mutations/index.js';
import { simulate } from './simulate.js';

const SEEDS = 200;

// Connections break by the thousand, and nobody reads where.
Error.stackTraceLimit = 0;

describe('the coherence protocol', () => {
  test(`keeps its guarantees in ${SEEDS} random histories, whatever fails`, async () => {
    const violations: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violation } = await simulate(seed);
      if (violation !== null) violations.push(`seed ${seed}: ${violation}`);
    }
    expect(violations).toEqual([]);
  });

  test('is simulated from its seed alone: a run repeats itself exactly', async () => {
    const [once, again] = [await simulate(7, { isTraced: true }), await simulate(7, { isTraced: true })];
    expect(again).toEqual(once);
    expect(once.trace.length).toBeGreaterThan(100);
  });

  test.each(['filled-unstamped', 'already-revoked', 'kept-after-loss', 'old-name', 'lagging-replica', 'acknowledged-first'])(
    'is broken by the shortcut %s, and that is seen',
    async (name) => {
      const violations: string[] = [];
      for (let seed = 1; seed <= SEEDS && violations.length === 0; seed += 1) {
        const { violation } = await simulate(seed, { mutation: MUTATIONS[name]?.() ?? {} });
        if (violation !== null) violations.push(violation);
      }
      expect(violations).toEqual([expect.stringMatching(/^G1: /)]);
    },
  );
});
