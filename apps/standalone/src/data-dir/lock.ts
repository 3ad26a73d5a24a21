import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '#libs/observability';
import { startTime } from '../other-process/other-process.js';
import { systemErrorCode } from '../system-error.js';

const LOCK = /^lock\.(\d+)$/;

/**
 * Reserves a directory for this process until it ends, however it ends.
 *
 * The holder is the process that the highest `lock.<n>` names, while it runs. Taking over from one that is gone
 * means making `lock.<n+1>`, which the file system lets one process do; the highest file is never removed, or a
 * slow contender could make the same number again.
 * @throws StartError which names the process that holds it
 */
export async function lockDirectory(directory: string): Promise<void> {
  const claim = join(directory, `claim-${randomBytes(6).toString('hex')}`);
  await writeFile(claim, `${process.pid} ${startTime(process.pid) ?? ''}\n`, { mode: 0o600 });
  try {
    while (!(await tryLock(directory, claim)));
  } finally {
    await rm(claim, { force: true });
  }
}

async function tryLock(directory: string, claim: string): Promise<boolean> {
  const highest = await highestLock(directory);
  await refuseWhereHeld(directory, highest);
  const mine = highest + 1;
  try {
    await link(claim, lockFile(directory, mine));
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  if ((await highestLock(directory)) > mine) {
    await rm(lockFile(directory, mine), { force: true });
    return false;
  }
  await rm(lockFile(directory, highest), { force: true });
  return true;
}

async function refuseWhereHeld(directory: string, number: number): Promise<void> {
  const holder = await holderOf(lockFile(directory, number));
  if (holder === null || startTime(holder.pid) !== holder.startTime) return;
  throw new StartError(
    `The data directory ${directory} is in use by process ${holder.pid}. Stop that one first (kill ${holder.pid}), or set MINTMARK_DATA_DIR ` +
      `to another directory.`,
  );
}

/** Null where there is no such file, or it holds no process: a lock is written whole before it gets its name. */
async function holderOf(file: string): Promise<{ pid: number; startTime: string } | null> {
  const text = await readFile(file, 'utf8').catch(emptyWhereMissing);
  const [, pid, time] = /^(\d+) (.+)$/m.exec(text) ?? [];
  return pid === undefined || time === undefined ? null : { pid: Number(pid), startTime: time };
}

/** A lock that is there but can't be read may be held: only a missing one is none. */
function emptyWhereMissing(error: unknown): string {
  if (systemErrorCode(error) === 'ENOENT') return '';
  throw error;
}

/** 0: there is none. */
async function highestLock(directory: string): Promise<number> {
  const numbers = (await readdir(directory)).map((name) => Number(LOCK.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

function lockFile(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}
