import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { noteProcess } from './evidence.js';
import { redisProgram } from '../../scripts/redis-program.js';

const READY_WITHIN_MS = 10_000;

/** A Redis (or Valkey) of a test's own, which it may kill and start again. Nothing of it is stored unless asked for. */
export class RedisServer {
  #child: ChildProcess | null = null;

  private constructor(
    private readonly program: string,
    private readonly directory: string,
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /**
   * @param settings as on the command line, over the defaults: `['--maxmemory', '1mb']`
   * @param port any free one where absent
   */
  static async start(settings: readonly string[] = [], port?: number): Promise<RedisServer> {
    const program = redisProgram();
    if (program === null) throw new Error('neither redis-server nor valkey-server is on the PATH');
    const directory = await mkdtemp(join(tmpdir(), 'mintmark-redis-'));
    const server = new RedisServer(program, directory, port ?? (await freePort()), settings);
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again, on the same port; without settings to the contrary it is empty. */
  async run(): Promise<void> {
    const fixed = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.directory, '--set-proc-title', 'no'];
    const args = [...fixed, '--save', '', '--appendonly', 'no', ...this.settings];
    this.#child = spawn(this.program, args, { stdio: 'ignore', detached: true });
    if (this.#child.pid !== undefined) noteProcess(this.#child.pid, this.directory);
    await this.#untilReady();
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Stops and continues it: connections stay, and nothing is answered meanwhile. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Runs one command as an operator does. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  async #untilReady(): Promise<void> {
    for (let waited = 0; ; waited += 10) {
      try {
        await this.command('PING');
        return;
      } catch (error) {
        if (waited > READY_WITHIN_MS) throw error;
        await sleep(10);
      }
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
