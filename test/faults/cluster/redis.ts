import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { noteProcess } from '../../support/evidence.js';
import { steadyPort } from './ports.js';

const READY_WITHIN_MS = 5_000;

/** A Redis that keeps nothing: each restart loses every write. */
export class Redis {
  readonly name = 'redis';
  #child: ChildProcess;

  private constructor(
    readonly port: number,
    child: ChildProcess,
  ) {
    this.#child = child;
  }

  static async start(): Promise<Redis> {
    const port = await steadyPort();
    return new Redis(port, await launch(port));
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async restart(): Promise<void> {
    this.#child = await launch(this.port);
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}

async function launch(port: number): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', options, { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  if (child.pid !== undefined) noteProcess(child.pid, 'redis-server');
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await listens(port))) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`redis-server does not listen on ${port}`);
    await sleep(10);
  }
  return child;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
