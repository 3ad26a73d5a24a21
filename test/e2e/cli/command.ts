import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { noteProcess } from '../../support/evidence.js';

/** The command as it is built. */
export const MAIN = join(import.meta.dirname, '../../../dist/apps/cli/src/main.js');

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** What standard input holds; empty if absent. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A terminal's user: the built command, with a home of its own. */
export class User {
  private constructor(
    readonly home: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async arrive(env: Readonly<Record<string, string>> = {}): Promise<User> {
    return new User(await mkdtemp(join(tmpdir(), 'mintmark-user-')), env);
  }

  get credentialsFile(): string {
    return join(this.home, 'config/mintmark/credentials.json');
  }

  get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], HOME: this.home, XDG_CONFIG_HOME: join(this.home, 'config'), ...this.env };
  }

  leave(): Promise<void> {
    return rm(this.home, { recursive: true });
  }

  /** Runs the command to its end. */
  async run(args: readonly string[], { input = '', env = {} }: RunOptions = {}): Promise<Ran> {
    const child = this.start(args, env);
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('spawned without pipes');
    stdin.on('error', () => undefined); // it may end without having read
    stdin.end(input);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [said, complained, exitCode] = await Promise.all([text(stdout), text(stderr), ended]);
    return { exitCode, stdout: said, stderr: complained };
  }

  /** The same for scripts: what standard output holds, as JSON. */
  async json(args: readonly string[], options?: RunOptions): Promise<unknown> {
    const { exitCode, stdout, stderr } = await this.run(['--json', ...args], options);
    if (exitCode !== 0) throw new Error(`ended with ${exitCode}: ${stderr}`);
    return JSON.parse(stdout);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...this.environment, ...env }, cwd: this.home });
    if (child.pid !== undefined) noteProcess(child.pid, args.at(-1) ?? MAIN);
    return child;
  }
}
