import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../../support/child.js';
import { REPOSITORY } from './repository.js';

export interface AppPlan {
  readonly name: string;
  readonly app: 'admin' | 'verifier' | 'example';
  /** The surface whose line says that it is ready. */
  readonly surface: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where it is reached, in all of its lives: `host:port`. */
  readonly host: string;
}

const READY_WITHIN_MS = 30_000;
const PAUSE_BETWEEN_STARTS_MS = 250;
const KEPT_LOG_LINES = 200;

/** A built app as a process of its own, which is killed and started again at the same place. */
export class AppProcess {
  #child: Child | null = null;
  #isMeantToRun = false;

  /** @param onOwnEnd told when it has ended and nobody had asked it to */
  constructor(
    readonly plan: AppPlan,
    private readonly onOwnEnd: (report: string) => void,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  /** Starts it as a supervisor would: again and again, while what it stands on is away. */
  async start(): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const child = this.#spawn();
      try {
        await child.untilSurfaces([this.plan.surface], deadline - performance.now());
        this.#watch(child);
        return;
      } catch (error) {
        if (child.isRunning) await child.signal('SIGKILL');
        if (performance.now() > deadline) throw new Error(`${this.name} did not start`, { cause: error });
        await sleep(PAUSE_BETWEEN_STARTS_MS);
      }
    }
  }

  async kill(): Promise<void> {
    this.#isMeantToRun = false;
    if (this.#child?.isRunning === true) await this.#child.signal('SIGKILL');
  }

  /** Stops it where it stands, so that what is sent to it waits in its sockets, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#child?.isRunning === true) process.kill(this.#child.pid, signal);
  }

  /** Ends it as an operator would, and by force where that does not help. */
  async stop(): Promise<void> {
    this.#isMeantToRun = false;
    const child = this.#child;
    if (child?.isRunning !== true) return;
    this.signal('SIGCONT');
    await child.signal('SIGTERM').catch(() => child.signal('SIGKILL'));
  }

  /** Lets go of what is in its log file too. */
  trim(): void {
    const log = this.#child?.log;
    if (log !== undefined && log.length > KEPT_LOG_LINES) log.splice(0, log.length - KEPT_LOG_LINES);
  }

  #spawn(): Child {
    const main = join(REPOSITORY, 'dist/apps', this.plan.app, 'src/main.js');
    this.#child = Child.start([process.execPath, '--enable-source-maps', main], this.plan.env, tmpdir());
    return this.#child;
  }

  #watch(child: Child): void {
    this.#isMeantToRun = true;
    void child.ended.then(({ code, signal }) => {
      if (!this.#isMeantToRun || this.#child !== child) return;
      this.#isMeantToRun = false;
      this.onOwnEnd(`${this.name} ended by itself (${code ?? signal ?? 'for no reason'}):\n${child.log.slice(-20).join('\n')}`);
    });
  }
}
