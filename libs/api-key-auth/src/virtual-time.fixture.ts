import type { Time } from '#libs/key-domain';

interface Timer {
  readonly due: number;
  readonly work: () => void;
}

/** Time that passes only when a test lets it, in milliseconds. */
export class VirtualTime implements Time {
  /** What the wall clock was set forward by. */
  wallOffset = 1_900_000_000_000;
  #now = 0;
  readonly #timers = new Set<Timer>();

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.wallOffset + this.#now;
  }

  after(ms: number, work: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, ms), work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets time pass; what is due happens in its order, and what follows from it before time goes on. */
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

/** Once all promises that can be settled are. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
