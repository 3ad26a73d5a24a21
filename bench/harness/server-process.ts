import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** A server in a process of its own, until it is stopped. */
export interface ServerProcess {
  /** Where it serves the surface that was waited for. */
  readonly url: string;
  /** Resident memory in MiB, now. */
  residentMiB(): Promise<number>;
  /** Seconds of processor time that it has used; NaN where the system doesn't tell to the hundredth. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 6000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Starts a script of `dist` and waits for its line `<surface> <url>`.
 * @param environment its variables, beside PATH
 */
export async function startServer(
  script: string,
  surface: string,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const stop = async () => {
    await stopChild(child);
    process.off('exit', killAtExit);
  };
  try {
    return {
      url: await surfaceUrl(child, script, surface),
      residentMiB: () => residentMiB(child),
      cpuSeconds: () => cpuSeconds(child),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function surfaceUrl(child: Child, script: string, surface: string): Promise<string> {
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
  const tooLate = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [name, url] = line.split(' ');
      if (name === surface && url !== undefined) return url;
    }
    throw new Error(`${script} ended before it served ${surface}\n${complaint}`);
  } finally {
    clearTimeout(tooLate);
    child.stdout.resume();
  }
}

async function residentMiB(child: Child): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)]);
  return Number(stdout.trim()) / 1024;
}

/** From proc(5), `/proc/<pid>/stat`: utime and stime, the 14th and 15th field, in ticks of 10 ms. */
async function cpuSeconds(child: Child): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '');
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(utime) + Number(stime)) / 100;
}

async function stopChild(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const tooLate = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(tooLate);
}
