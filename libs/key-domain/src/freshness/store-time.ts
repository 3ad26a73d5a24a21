import { type Clock, type Moment, mostElapsed } from './clock.js';

/** How much faster or slower than Postgres' clock a process's may run: one in a hundred. */
export const CLOCK_RATE_MARGIN = 0.01;

/**
 * Postgres' clock, as late as it may be by now. Expiry is judged by it: a key may be refused milliseconds before its
 * end, never accepted after it.
 */
export class StoreTime {
  #known: { readonly storeMs: number; readonly asked: Moment } | null = null;

  constructor(private readonly clock: Clock) {}

  /**
   * @param storeMs Postgres' clock when it answered, in milliseconds since the Unix epoch
   * @param asked a moment before it was asked
   */
  learn(storeMs: number, asked: Moment): void {
    this.#known = { storeMs, asked };
  }

  get isKnown(): boolean {
    return this.#known !== null;
  }

  /**
   * Milliseconds since the Unix epoch.
   * @param now by both clocks, where they have just been read
   * @throws Error before anything was learnt
   */
  latest(now?: Moment): number {
    if (this.#known === null) throw new Error("Postgres' clock is not known yet");
    const { storeMs, asked } = this.#known;
    return storeMs + mostElapsed(this.clock, asked, now) * (1 + CLOCK_RATE_MARGIN);
  }
}
