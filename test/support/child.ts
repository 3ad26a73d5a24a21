import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logFile, noteProcess } from './evidence.js';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the signal to the end. */
  readonly ms: number;
}

export type Command = readonly [program: string, ...args: string[]];

/** A built app, as its start script runs it. */
export function appCommand(app: 'standalone' | 'admin' | 'verifier' | 'example'): Command {
  return [process.execPath, '--enable-source-maps', join(import.meta.dirname, `../../dist/apps/${app}/src/main.js`)];
}

/** A Node process of ours under test, whose standard output names surfaces and whose standard error is its log. */
export class Child {
  readonly surfaces = new Map<string, string>();
  readonly log: string[] = [];
  readonly ended: Promise<Pick<Ending, 'code' | 'signal'>>;

  private constructor(
    private readonly child: ChildProcess,
    readonly name: string,
  ) {
    this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    this.collect();
  }

  /** @param command its last word tells it from other processes */
  static start(command: Command, environment: Readonly<Record<string, string>>, cwd: string): Child {
    const [program, ...args] = command;
    const env = { PATH: process.env['PATH'], ...environment };
    // In a process group of its own, as a shell starts it, so that a test can press Ctrl-C.
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    if (child.pid !== undefined) noteProcess(child.pid, command.at(-1) ?? program);
    return new Child(child, `${Date.now()}-${child.pid ?? 'unborn'}`);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** @throws with the log when the process ends before it has named all of `surfaces`, or takes too long */
  async untilSurfaces(surfaces: readonly string[], withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!surfaces.every((surface) => this.surfaces.has(surface))) {
      if (!this.isRunning) throw new Error(`ended before it was ready (code ${this.child.exitCode}):\n${this.log.join('\n')}`);
      if (Date.now() > deadline) throw new Error(`not ready within ${withinMs} ms:\n${this.log.join('\n')}`);
      await sleep(10);
    }
  }

  /** Sends a signal, to the process alone or to its whole group as a terminal does, and waits for the end. */
  async signal(signal: NodeJS.Signals, to: 'process' | 'group' = 'process', withinMs = 10_000): Promise<Ending> {
    const start = performance.now();
    process.kill(to === 'group' ? -this.pid : this.pid, signal);
    const ending = await Promise.race([this.ended, sleep(withinMs, null, { ref: false })]);
    if (ending === null) throw new Error(`still there ${withinMs} ms after ${signal}:\n${this.log.slice(-20).join('\n')}`);
    return { ...ending, ms: performance.now() - start };
  }

  private collect(): void {
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('spawned without pipes');
    const file = createWriteStream(logFile(this.name));
    createInterface(stdout).on('line', (line) => {
      const [surface = '', url = ''] = line.split(' ');
      this.surfaces.set(surface, url);
    });
    createInterface(stderr).on('line', (line) => {
      this.log.push(line);
      file.write(`${line}\n`);
    });
    this.child.once('close', () => file.end());
  }
}
