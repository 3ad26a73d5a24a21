import { type Clock, type Moment, momentOf } from './clock.js';

/** The time for which memory may be trusted. It ends by whichever clock comes first, and is judged anew at each call. */
export class Lease {
  #endsMonotonic = -Infinity;
  #endsWall = -Infinity;

  constructor(private readonly clock: Clock) {}

  /**
   * Lasts `ms` milliseconds from a moment that lies before it was asked for: an answer may have been long on its
   * way. A lease that would end earlier than the one held changes nothing.
   */
  extend(asked: Moment, ms: number): void {
    if (asked.monotonic + ms <= this.#endsMonotonic) return;
    this.#endsMonotonic = asked.monotonic + ms;
    this.#endsWall = asked.wall + ms;
  }

  end(): void {
    this.#endsMonotonic = -Infinity;
    this.#endsWall = -Infinity;
  }

  /** @param now by both clocks, where they have just been read */
  isValid(now: Moment = momentOf(this.clock)): boolean {
    return now.monotonic < this.#endsMonotonic && now.wall < this.#endsWall;
  }

  /** Milliseconds that are left by both clocks; 0: none. */
  remaining(): number {
    const now = momentOf(this.clock);
    return Math.max(0, Math.min(this.#endsMonotonic - now.monotonic, this.#endsWall - now.wall));
  }
}
