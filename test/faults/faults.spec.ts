import { expect, test } from '@jest/globals';
import { runFaults } from './run/faults-run.js';

const SECONDS = 18;

test('while processes die and networks fail, no verdict rests on what a returned call has changed, and everything comes back', async () => {
  const lines: string[] = [];
  const summary = await runFaults({
    log: 'postgres',
    seed: 1,
    seconds: SECONDS,
    actors: 6,
    load: { atOnce: 2, pauseMs: 40 },
    tell: (line) => lines.push(line),
    tellEvery: SECONDS,
  });
  expect(summary.reports).toEqual([]);
  expect(summary.violations).toBe(0);
  expect(summary.rounds).toBeGreaterThan(0);
  expect(summary.verifications.verdict).toBeGreaterThan(500);
  expect([...summary.changes].find(([how]) => how === 'in force by acknowledgement')?.[1]).toBeGreaterThan(20);
}, 90_000);
