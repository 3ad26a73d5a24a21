import type { Time } from '#libs/key-domain';

/** When a loop takes its next turn: after a while, or as soon as somebody asks it to. */
export class Turns {
  #hastened = false;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(private readonly time: Time) {}

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Has the next turn taken now, or the one after it where one is under way. */
  hasten(): void {
    this.#hastened = true;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Waits for `ms` milliseconds or until hastened; returns whether it was hastened. */
  async next(ms: number): Promise<boolean> {
    if (!this.#hastened) await this.pause(ms);
    const hastened = this.#hastened;
    this.#hastened = false;
    return hastened;
  }

  /** Waits for `ms` milliseconds; less, where it is hastened or stopped meanwhile. */
  pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.time.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
