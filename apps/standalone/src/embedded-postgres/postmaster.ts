import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { databaseEnvironment } from './environment.js';
import type { Command } from './run-as.js';

const READY_WITHIN_MS = 60_000;
const FAST_SHUTDOWN_MS = 3_000;
const IMMEDIATE_SHUTDOWN_MS = 1_000;

/** The server ended before it took a connection; the text is the end of its own log. */
export class PostmasterEndedError extends Error {
  override readonly name = 'PostmasterEndedError';
}

/** One run of the server's main process. It is told to end when this process exits, whatever the reason, short of a SIGKILL. */
export class Postmaster {
  readonly ended: Promise<void>;
  private running = true;

  private constructor(private readonly child: ChildProcess) {
    const interrupt = () => child.kill('SIGINT');
    process.once('exit', interrupt);
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.running = false;
        process.off('exit', interrupt);
        resolve();
      };
      child.once('exit', end).once('error', end);
    });
  }

  /**
   * Starts the server in a process group of its own, so that Ctrl-C in the terminal reaches only this process,
   * which stops what uses the server first. Returns when the server takes connections.
   * @throws PostmasterEndedError
   */
  static async start(command: Command, logFile: string, probeUrl: string): Promise<Postmaster> {
    const [program, ...args] = command;
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(program, args, { detached: true, env: databaseEnvironment(), stdio: ['ignore', log, log], cwd: '/' });
    closeSync(log);
    const postmaster = new Postmaster(child);
    try {
      await postmaster.waitUntilReady(probeUrl, logFile);
    } catch (error) {
      await postmaster.stop();
      throw error;
    }
    return postmaster;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** A fast shutdown: open transactions are rolled back, everything committed is on the disk. */
  async stop(): Promise<void> {
    const steps = [
      ['SIGINT', FAST_SHUTDOWN_MS],
      ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
      ['SIGKILL', IMMEDIATE_SHUTDOWN_MS],
    ] as const;
    for (const [signal, patienceMs] of steps) {
      if (!this.running) return;
      this.child.kill(signal);
      await Promise.race([this.ended, sleep(patienceMs, undefined, { ref: false })]);
    }
  }

  private async waitUntilReady(probeUrl: string, logFile: string): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (Date.now() < deadline) {
      if (!this.running) throw new PostmasterEndedError(await lastLines(logFile));
      if (await takesConnections(probeUrl)) return;
      await sleep(20);
    }
    throw new PostmasterEndedError(`not ready within ${READY_WITHIN_MS} ms\n${await lastLines(logFile)}`);
  }
}

const CANNOT_CONNECT_NOW = '57P03';

/** @throws the server's refusal where it is up and refuses: waiting would not help */
async function takesConnections(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return true;
  } catch (error) {
    const sqlState = error instanceof Error && 'severity' in error && 'code' in error ? error.code : null;
    if (sqlState === null || sqlState === CANNOT_CONNECT_NOW) return false;
    throw error;
  } finally {
    await client.end();
  }
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim().split('\n').slice(-8).join('\n');
}
