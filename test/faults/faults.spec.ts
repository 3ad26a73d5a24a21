import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { runDrill } from './run/drill.js';
import { runFaults } from './run/faults-run.js';
import type { Shares } from './run/questions.js';
import { Trial } from './run/trial.js';

const SEED = 1;
const OUTAGE_SECONDS = 2.5;
const FAULTS_SECONDS = 12;
/** Not all: a known token that a guard does not keep itself shares the fate of an unknown one with which it travels. */
const MOST = 0.95;
const ignore = () => undefined;
const shareOf = ({ asked, answered }: Shares) => answered / asked;

describe('two admins, three verifiers and three guarded services, on Postgres and on Redis', () => {
  let trial: Trial;

  beforeAll(async () => {
    trial = await Trial.start({ log: 'redis', seed: SEED, onViolation: ignore });
  });
  afterEach(() => {
    expect(trial.checker.reports).toEqual([]);
    expect(trial.checker.violations).toBe(0);
  });
  afterAll(() => trial.stop());

  test('an outage of Redis is not noticed by who verifies; one of Postgres by who presents an unknown token alone, and it is no refusal', async () => {
    const phases = await runDrill(trial, { outageSeconds: OUTAGE_SECONDS, knownKeys: 30, unknownKeys: 300, onPhase: ignore });
    const all = ['known', 'unknown', 'neverIssued'] as const;
    const answered = phases.map(({ name, shares }) => [name, all.filter((kind) => shareOf(shares[kind]) > MOST)]);
    expect(answered).toEqual([
      ['everything there', all],
      ['Redis away', all],
      ['Redis back, empty', all],
      ['Postgres away', ['known']],
      ['everything back', all],
    ]);
    const away = phases.find(({ name }) => name === 'Postgres away');
    expect([away?.shares.unknown.answered, away?.shares.neverIssued.answered]).toEqual([0, 0]);
  }, 60_000);

  test('while processes die and networks fail, no verdict rests on what a returned call has changed, and everything comes back', async () => {
    trial.begin(6, { atOnce: 2, pauseMs: 40 });
    const summary = await runFaults(trial, { seed: SEED, seconds: FAULTS_SECONDS, tell: ignore, tellEvery: FAULTS_SECONDS });
    expect(summary.rounds).toBeGreaterThan(0);
    expect(summary.verifications.verdict).toBeGreaterThan(500);
    expect(summary.changes.get('in force by acknowledgement')).toBeGreaterThan(20);
  }, 60_000);
});
