import type { Time } from '#libs/key-domain';
import { GUARD_CLOCK_RATE, GUARD_TERMS } from './guard-terms.js';

/**
 * Sessions whose guards may let requests in without a verdict while no verifier can be reached. One that was cut off may
 * do so for a while after its session is over: nothing waits for that, but it is told of.
 */
export class StaleWindows {
  #open = 0;
  #cutOff = 0;
  #isToBeTold = false;

  /** @param most windows of cut-off guards that are counted at most */
  constructor(
    private readonly time: Time,
    private readonly most: number,
    private readonly onChanged: () => void,
  ) {}

  get count(): number {
    return this.#open + this.#cutOff;
  }

  opened(): void {
    this.#open += 1;
    this.#tellSoon();
  }

  /** @param leftMs for how long its guard may go on, in milliseconds; 0: it does not */
  over(leftMs: number): void {
    this.#open -= 1;
    if (leftMs > 0 && this.#cutOff < this.most) this.#countFor(leftMs);
    this.#tellSoon();
  }

  #countFor(ms: number): void {
    this.#cutOff += 1;
    this.time.after(ms * GUARD_CLOCK_RATE, () => {
      this.#cutOff -= 1;
      this.#tellSoon();
    });
  }

  /** Of however many at once: nothing waits for it, and every confirmation of a change has the number as it is by then. */
  #tellSoon(): void {
    if (this.#isToBeTold) return;
    this.#isToBeTold = true;
    this.time.after(GUARD_TERMS.staleNews, () => {
      this.#isToBeTold = false;
      this.onChanged();
    });
  }
}
