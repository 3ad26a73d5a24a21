import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GuardWorld } from './guard-world.fixture.js';

const RUN_MS = 8_000;
/** Longer than any lease with its margin, by the slowest clock. */
const LEASES_OVER_MS = 2_500;

describe('under guards that are slow, silent or cut off', () => {
  test.each([
    ['with room for all', { keys: 1_000 }],
    ['with hardly any room', { keysOfSession: 2, keys: 5, unacknowledged: 4 }],
  ])('no change counts as confirmed while a guard may answer without it, %s', async (_, bounds) => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = new GuardWorld(seed, bounds);
        await world.run(RUN_MS);
        expect(world.violations).toEqual([]);
        expect(world.usableSeen).toBeGreaterThan(100);
        expect(world.mostHeld).toBeLessThanOrEqual(bounds.keys);
        await world.truth.pass(LEASES_OVER_MS);
        expect(world.sessions.unconfirmed('log')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
