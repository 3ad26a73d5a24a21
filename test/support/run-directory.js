import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ARTIFACTS = join(dirname(dirname(fileURLToPath(import.meta.url))), '.artifacts');
const KEPT_MS = 6 * 3_600_000;

/**
 * Where one run of the suite leaves what it saw: `logs/`, `metrics/`, `dumps/`, `secrets.jsonl`. The variable
 * MINTMARK_TEST_RUN names it for every process of the run, and for the run of `evidence` after it.
 */
export function makeRunDirectory() {
  removeOld();
  const directory =
    process.env.MINTMARK_TEST_RUN ?? join(ARTIFACTS, `${new Date().toISOString().replaceAll(':', '')}-${process.pid}`);
  for (const part of ['logs', 'metrics', 'dumps', 'processes']) mkdirSync(join(directory, part), { recursive: true });
  process.env.MINTMARK_TEST_RUN = directory;
  return directory;
}

function removeOld() {
  mkdirSync(ARTIFACTS, { recursive: true });
  for (const name of readdirSync(ARTIFACTS)) {
    const path = join(ARTIFACTS, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
