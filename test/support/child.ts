import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { logFile, noteProcess } from './evidence.js';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the signal to the end. */
  readonly ms: number;
}

let children = 0;

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

  static start(script: string, environment: Readonly<Record<string, string>>, cwd: string): Child {
    const args = ['--enable-source-maps', script];
    const env = { PATH: process.env['PATH'], ...environment };
    const child = spawn(process.execPath, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    children += 1;
    if (child.pid !== undefined) noteProcess(child.pid, script);
    return new Child(child, `${process.pid}-${children}`);
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

  async signal(signal: NodeJS.Signals, withinMs = 10_000): Promise<Ending> {
    const start = performance.now();
    this.child.kill(signal);
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
