import { expect, test } from '@jest/globals';
import { runDrill } from './run/drill.js';

const OUTAGE_SECONDS = 3;

test('while Postgres is away no verdict is wrong, and when it is back everything is answered', async () => {
  const { phases, wrongVerdicts, reports } = await runDrill({
    log: 'postgres',
    outageSeconds: OUTAGE_SECONDS,
    knownKeys: 30,
    unknownKeys: 150,
    tell: () => undefined,
  });
  expect(reports).toEqual([]);
  expect(wrongVerdicts).toBe(0);
  expect(phases.map(({ name }) => name)).toEqual(['everything there', 'Postgres away', 'everything back']);
  const [before, away, after] = phases.map(({ shares }) => shares.known);
  expect(before?.answered).toBe(before?.asked);
  expect(away?.answered).toBeLessThan(away?.asked ?? 0);
  expect(after?.answered).toBe(after?.asked);
  expect(phases[1]?.shares.neverIssued.answered).toBe(0);
}, 90_000);
