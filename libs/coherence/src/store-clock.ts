import { momentOf, type StoreTime, type Time } from '#libs/key-domain';
import { Loop } from './follower/loop.js';
import type { Turns } from './follower/turns.js';

/** Milliseconds between two questions, and after a failed one. */
const ASK_MS = 10_000;
const RETRY_MS = 1_000;

/**
 * Asks Postgres for its clock, now and then, where the log does not tell it. While Postgres is away the last answer is
 * reckoned on from.
 */
export class StoreClock {
  readonly #loop: Loop;

  /** @param ask Postgres' clock in milliseconds since the Unix epoch */
  constructor(
    private readonly storeTime: StoreTime,
    private readonly ask: () => Promise<number>,
    private readonly time: Time,
    onTrouble: (error: unknown) => void,
  ) {
    this.#loop = new Loop(time, { turn: (turns) => this.#learn(turns), retryMs: RETRY_MS, onTrouble });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #learn(turns: Turns): Promise<void> {
    const asked = momentOf(this.time);
    this.storeTime.learn(await this.ask(), asked);
    await turns.pause(ASK_MS);
  }
}
