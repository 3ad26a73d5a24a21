import { momentOf, type StoreTime, type Time } from '#libs/key-domain';
import { Turns } from './follower/turns.js';

/** Milliseconds between two questions, and after a failed one. */
const ASK_MS = 10_000;
const RETRY_MS = 1_000;

/**
 * Asks Postgres for its clock, now and then, where the log does not tell it. While Postgres is away the last answer is
 * reckoned on from.
 */
export class StoreClock {
  readonly #turns: Turns;
  #running: Promise<void> = Promise.resolve();

  /** @param ask Postgres' clock in milliseconds since the Unix epoch */
  constructor(
    private readonly storeTime: StoreTime,
    private readonly ask: () => Promise<number>,
    private readonly time: Time,
    private readonly onTrouble: (error: unknown) => void,
  ) {
    this.#turns = new Turns(time);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#turns.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#turns.stopped) await this.#turns.pause((await this.#learn()) ? ASK_MS : RETRY_MS);
  }

  async #learn(): Promise<boolean> {
    const asked = momentOf(this.time);
    try {
      this.storeTime.learn(await this.ask(), asked);
      return true;
    } catch (error) {
      this.onTrouble(error);
      return false;
    }
  }
}
