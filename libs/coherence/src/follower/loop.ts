import type { Time } from '#libs/key-domain';
import { Turns } from './turns.js';

export interface LoopOptions {
  /** One turn. It decides itself when the next one is due, by waiting on `turns`. */
  readonly turn: (turns: Turns) => Promise<void>;
  /** Milliseconds after a turn that failed. */
  readonly retryMs: number;
  /** Told of every turn that failed; the next one is taken all the same. */
  readonly onTrouble: (error: unknown) => void;
}

/** Work that goes on, turn after turn, until it is stopped. */
export class Loop {
  readonly #turns: Turns;
  #running: Promise<void> = Promise.resolve();

  constructor(
    time: Time,
    private readonly options: LoopOptions,
  ) {
    this.#turns = new Turns(time);
  }

  get isStopped(): boolean {
    return this.#turns.stopped;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the turn under way is over. */
  async stop(): Promise<void> {
    this.#turns.stop();
    await this.#running;
  }

  /** Has the next turn taken now, or the one after it where one is under way. */
  hasten(): void {
    this.#turns.hasten();
  }

  async #run(): Promise<void> {
    const { turn, retryMs, onTrouble } = this.options;
    while (!this.#turns.stopped) {
      try {
        await turn(this.#turns);
      } catch (error) {
        onTrouble(error);
        await this.#turns.pause(retryMs);
      }
    }
  }
}
