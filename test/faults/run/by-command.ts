import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../../apps/standalone/src/other-process/other-process.js';
import { REPOSITORY } from '../cluster/repository.js';
import { Trial, type TrialOptions } from './trial.js';

export interface CommandOptions extends Omit<TrialOptions, 'log'> {
  /** Of the run's artifacts. */
  readonly name: string;
  /** As it was typed. */
  readonly log: string;
}

/**
 * Runs something on a cluster of its own. Nothing that is started outlives this process, however it is asked to end;
 * logs stay in `test/.artifacts`.
 */
export async function byCommand<T>(options: CommandOptions, work: (trial: Trial) => Promise<T>): Promise<T> {
  const artifacts = makeArtifacts(options.name);
  makeTemporaryRoot();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endNoted(join(artifacts, 'processes'));
      process.exit(130);
    });
  }
  process.stderr.write(`logs in ${artifacts}\n`);
  const trial = await Trial.start({ ...options, log: logOf(options.log) });
  try {
    return await work(trial);
  } finally {
    await trial.stop();
  }
}

function makeArtifacts(name: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '');
  const directory = join(REPOSITORY, 'test/.artifacts', `${name}-${stamp}-${process.pid}`);
  for (const part of ['logs', 'processes']) mkdirSync(join(directory, part), { recursive: true });
  process.env['MINTMARK_TEST_RUN'] = directory;
  return directory;
}

/** Named as those of the tests, so that the next run of them removes what a SIGKILL has left. */
function makeTemporaryRoot(): void {
  const root = mkdtempSync(join(tmpdir(), `mintmark-test-${process.pid}-`));
  process.env['TMPDIR'] = root;
  process.once('exit', () => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
}

/** Each with its group, and only where it still is what was noted. */
function endNoted(directory: string): void {
  for (const pid of readdirSync(directory)) {
    const word = readFileSync(join(directory, pid), 'utf8');
    if (commandLine(Number(pid)).join(' ').includes(word)) process.kill(-Number(pid), 'SIGKILL');
  }
}

function logOf(word: string): TrialOptions['log'] {
  if (word !== 'postgres' && word !== 'redis') throw new Error(`--log takes postgres or redis, not ${word}`);
  return word;
}
