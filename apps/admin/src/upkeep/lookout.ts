import { SYSTEM_TIME } from '#libs/key-domain';

/** In milliseconds. */
export interface Pauses {
  readonly pauseMs: number;
  readonly afterFaultMs: number;
}

/** Looks for work again and again until it is stopped. */
export class Lookout {
  #loop: Promise<void> = Promise.resolve();
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly look: () => Promise<void>,
    private readonly pauses: Pauses,
    private readonly onFault: (error: unknown) => void,
  ) {}

  get isStopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends the pause, if there is one. */
  wake(): void {
    this.#wake();
  }

  /** Waits for a look that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.look();
        await this.#pause(this.pauses.pauseMs);
      } catch (error) {
        this.onFault(error);
        await this.#pause(this.pauses.afterFaultMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = SYSTEM_TIME.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
