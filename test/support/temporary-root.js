import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, startTime } from '../../dist/apps/standalone/src/other-process/other-process.js';

const PREFIX = 'mintmark-test-';
const SHUTDOWN_MS = 5_000;

/** One directory for everything temporary of a run: TMPDIR for the tests. Removes those of runs that were killed. */
export async function makeTemporaryRoot() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (startTime(owner) === null) await removeTemporaryRoot(join(tmpdir(), name));
  }
  const root = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.env.TMPDIR = root;
  return root;
}

/**
 * Removes it, ending every Postgres that still serves a cluster in it.
 * @returns the numbers of those
 */
export async function removeTemporaryRoot(root) {
  const left = clustersBelow(root).filter(({ pid, cluster }) => serves(pid, cluster));
  for (const { pid, cluster } of left) await end(pid, cluster);
  rmSync(root, { recursive: true, force: true });
  return left.map(({ pid }) => pid);
}

function clustersBelow(root) {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('postmaster.pid'))
    .map((path) => ({ pid: firstNumber(join(root, path)), cluster: join(root, path, '..') }));
}

function firstNumber(file) {
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

function serves(pid, cluster) {
  return commandLine(pid).includes(cluster);
}

async function end(pid, cluster) {
  process.kill(pid, 'SIGQUIT');
  for (let waited = 0; waited < SHUTDOWN_MS && serves(pid, cluster); waited += 20) await sleep(20);
}
