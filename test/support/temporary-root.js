import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
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
    const mine = statSync(join(tmpdir(), name)).uid === process.getuid();
    if (mine && startTime(owner) === null) await removeTemporaryRoot(join(tmpdir(), name));
  }
  const root = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.env.TMPDIR = root;
  return root;
}

/**
 * Removes it, ending every process that was started on something in it: a Postgres outlives its parent.
 * @returns the numbers of those
 */
export async function removeTemporaryRoot(root) {
  const ended = new Set();
  for (let waited = 0; waited < SHUTDOWN_MS; waited += 50) {
    const found = processes().filter((pid) => pid !== process.pid && commandLine(pid).some((word) => word.includes(root)));
    if (found.length === 0) break;
    for (const pid of found.filter((one) => !ended.has(one))) quit(pid);
    for (const pid of found) ended.add(pid);
    await sleep(50);
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  return [...ended];
}

function quit(pid) {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function processes() {
  const numbers =
    process.platform === 'linux' ? readdirSync('/proc') : execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8' }).split('\n');
  return numbers.map((number) => Number(number.trim())).filter((number) => number > 0);
}
