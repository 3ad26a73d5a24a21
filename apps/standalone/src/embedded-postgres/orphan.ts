import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '#libs/observability';
import { commandLine } from '../other-process/other-process.js';
import { systemErrorCode } from '../system-error.js';

const FAST_SHUTDOWN_MS = 10_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

/**
 * Stops a server of this cluster whose parent was killed: it went on without one.
 * @throws StartError when it does not end
 */
export async function stopOrphan(clusterDirectory: string): Promise<void> {
  const pid = await postmasterPid(clusterDirectory);
  if (pid === null || !isServerOf(pid, clusterDirectory)) return;
  if (await ends(pid, 'SIGINT', FAST_SHUTDOWN_MS, clusterDirectory)) return;
  if (await ends(pid, 'SIGQUIT', IMMEDIATE_SHUTDOWN_MS, clusterDirectory)) return;
  throw new StartError(
    `A Postgres from an earlier run still serves ${clusterDirectory} and does not end. Stop it first: kill -QUIT ${pid}`,
  );
}

async function postmasterPid(clusterDirectory: string): Promise<number | null> {
  try {
    const [pid] = (await readFile(join(clusterDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    return pid === undefined || !/^\d+$/.test(pid.trim()) ? null : Number(pid);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The pid may belong to another program by now: a signal goes only to a postgres that was started on this directory. */
function isServerOf(pid: number, clusterDirectory: string): boolean {
  const [program = '', ...args] = commandLine(pid);
  return basename(program) === 'postgres' && args.includes(clusterDirectory);
}

async function ends(pid: number, signal: NodeJS.Signals, withinMs: number, clusterDirectory: string): Promise<boolean> {
  process.kill(pid, signal);
  for (let waited = 0; waited < withinMs; waited += 20) {
    if (!isServerOf(pid, clusterDirectory)) return true;
    await sleep(20);
  }
  return false;
}
