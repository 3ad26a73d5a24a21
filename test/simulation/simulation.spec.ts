import { describe, expect, test } from '@jest/globals';
import { simulate } from './simulate.js';

const SEEDS = 200;

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
});
