import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../system-error.js';

/** The words of a process' command line; empty where there is no such process, or it has ended. */
export function commandLine(pid: number): readonly string[] {
  if (process.platform !== 'linux')
    return askPs(pid, 'command')
      .split(' ')
      .filter((word) => word !== '');
  return readProc(pid, 'cmdline')
    .split('\0')
    .filter((word) => word !== '');
}

/**
 * When a process started, in a form that only compares: together with its number it names one process of this
 * machine for good, while the number alone is given again. Null where there is no such process, or it has ended and
 * its parent has not taken note of that: a container's first program may never do so.
 */
export function startTime(pid: number): string | null {
  if (process.platform !== 'linux') return askPs(pid, 'stat').startsWith(ZOMBIE) ? null : askPs(pid, 'lstart') || null;
  const [state, ...further] = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return state === ZOMBIE ? null : (further[FIELD_STARTTIME - FIELD_STATE - 1] ?? null);
}

const ZOMBIE = 'Z';

/** Fields of /proc/PID/stat as proc(5) numbers them; the second, the name, may itself hold spaces. */
const FIELD_STATE = 3;
const FIELD_STARTTIME = 22;

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(systemErrorCode(error) ?? '')) return '';
    throw error;
  }
}

function askPs(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return '';
    throw error;
  }
}
