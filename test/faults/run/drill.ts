import type { WatchedKey } from '../load/watched-key.js';
import { Questions, type QuestionKind, type Shares } from './questions.js';
import { recovery } from './recovery.js';
import type { Trial } from './trial.js';

export interface DrillOptions {
  /** How long each server is away; and half as long everything is there before, between and after. */
  readonly outageSeconds: number;
  /** Keys that everybody has been asked about before. */
  readonly knownKeys: number;
  /** Keys that nobody has been asked about; each is one when it is first answered. */
  readonly unknownKeys: number;
  readonly onPhase: (phase: Phase) => void;
}

/** What of the questions in one phase was answered, by what was asked about. */
export interface Phase {
  readonly name: string;
  readonly shares: Readonly<Record<QuestionKind, Shares>>;
  /** Revocations that were asked for, and those that were confirmed to be in force. */
  readonly revocations: Shares;
}

const LOAD = { atOnce: 2, pauseMs: 100 };
const MINTED_AT_ONCE = 8;
const MINT_LIMIT_MS = 10_000;

/** Takes Redis away for a while, then Postgres, under load, and counts what is answered all along. */
export async function runDrill(trial: Trial, options: DrillOptions): Promise<readonly Phase[]> {
  const { outageSeconds, onPhase } = options;
  const phases: Phase[] = [];
  const known = await mint(trial, options.knownKeys);
  const unknown = await mint(trial, options.unknownKeys);
  const questions = new Questions(trial, known, unknown);
  const running = questions.ask(LOAD);
  const during = async (name: string, seconds: number) => {
    const phase = { name, ...(await questions.count(seconds)) };
    phases.push(phase);
    onPhase(phase);
  };
  await questions.warm();
  const { redis, postgres } = trial.cluster;
  await during('everything there', outageSeconds / 2);
  if (redis !== null) {
    await redis.kill();
    await during('Redis away', outageSeconds);
    await redis.run();
    await expectRecovery(trial);
    await during('Redis back, empty', outageSeconds / 2);
  }
  await questions.warm();
  await postgres.crash();
  await during('Postgres away', outageSeconds);
  await postgres.restart();
  await expectRecovery(trial);
  await during('everything back', outageSeconds / 2);
  questions.stop();
  await running;
  return phases;
}

async function expectRecovery(trial: Trial): Promise<void> {
  const { ms, missing } = await recovery(trial);
  if (missing !== null) trial.checker.fail(`${ms.toFixed(0)} ms after the outage ${missing}`);
}

async function mint(trial: Trial, count: number): Promise<WatchedKey[]> {
  const keys: WatchedKey[] = [];
  const minter = async (host: string) => {
    while (keys.length < count) {
      const key = await trial.calls.mint(host, MINT_LIMIT_MS);
      if (key === null) throw new Error('a key could not be issued before the drill');
      keys.push(key);
    }
  };
  await Promise.all(Array.from({ length: MINTED_AT_ONCE }, (_, index) => minter(trial.adminHosts[index % 2] ?? '')));
  return keys.slice(0, count);
}

/** The head of the table that {@link row} fills. */
export const HEAD = [
  '| phase | known keys | unknown keys | tokens that never were | revocations in force |',
  '| --- | --- | --- | --- | --- |',
].join('\n');

/** In Markdown. */
export function row({ name, shares, revocations }: Phase): string {
  const cells = [shares.known, shares.unknown, shares.neverIssued, revocations].map(percentage);
  return `| ${name} | ${cells.join(' | ')} |`;
}

function percentage({ asked, answered }: Shares): string {
  return asked === 0 ? 'none asked' : `${((100 * answered) / asked).toFixed(1)} % of ${asked}`;
}
