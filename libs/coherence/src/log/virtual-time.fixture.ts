import type { Time } from '#libs/key-domain';

interface Timer {
  readonly due: number;
  readonly work: () => void;
}

/** True time, in milliseconds, which passes only when a test lets it. */
export class VirtualTime {
  #now = 0;
  readonly #timers = new Set<Timer>();

  get now(): number {
    return this.#now;
  }

  /** Runs `work` in `ms` milliseconds of true time. */
  in(ms: number, work: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, ms), work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.in(ms, resolve));
  }

  /** Lets time pass; all that is due happens in its order, and all that follows from it before time goes on. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = next.due;
      next.work();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (timer.due <= end && (next === null || timer.due < next.due)) next = timer;
    return next;
  }
}

/** The clocks of a process, which may go at another rate than true time. */
export class ProcessTime implements Time {
  /** Milliseconds that the wall clock was set forward by. */
  wallOffset = 1_900_000_000_000;

  constructor(
    private readonly truth: VirtualTime,
    private readonly rate = 1,
  ) {}

  monotonic(): number {
    return this.truth.now * this.rate;
  }

  wall(): number {
    return this.wallOffset + this.truth.now * this.rate;
  }

  /** At least a millisecond, as with a real timer. */
  after(ms: number, work: () => void): () => void {
    return this.truth.in(Math.max(1, ms) / this.rate, work);
  }
}

/** Once all promises that can be settled are. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The same numbers for the same seed, from 0 up to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
