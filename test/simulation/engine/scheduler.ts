interface Event {
  readonly at: number;
  readonly order: number;
  work: (() => void) | null;
}

/** Events that are run before the event loop is asked again whether anything else is to do. */
const EVENTS_A_TURN = 256;

/**
 * Runs events in the order of their virtual time, in milliseconds. Between two of them everything that the first has
 * set going by promises comes to rest: Node empties its queue of microtasks after each immediate.
 */
export class Scheduler {
  #now = 0;
  #count = 0;
  readonly #heap: Event[] = [];

  get now(): number {
    return this.#now;
  }

  /** How many events were run. */
  get count(): number {
    return this.#count;
  }

  #scheduled = 0;

  /** @returns how to prevent it */
  at(time: number, work: () => void): () => void {
    this.#scheduled += 1;
    const event: Event = { at: Math.max(time, this.#now), order: this.#scheduled, work };
    this.#push(event);
    return () => {
      event.work = null;
    };
  }

  after(ms: number, work: () => void): () => void {
    return this.at(this.#now + ms, work);
  }

  /** Runs until a moment; an error that an event throws ends the run. */
  run(until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let ended = false;
      const step = () => {
        if (ended) return;
        try {
          if (this.#runNext(until)) return;
          ended = true;
          this.#now = until;
          resolve();
        } catch (error) {
          ended = true;
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const turn = () => {
        if (ended) return;
        for (let i = 0; i < EVENTS_A_TURN; i += 1) setImmediate(step);
        setImmediate(turn);
      };
      turn();
    });
  }

  /** Whether there was one. */
  #runNext(until: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) return false;
      this.#pop();
      if (next.work === null) continue;
      this.#now = next.at;
      this.#count += 1;
      next.work();
      return true;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[place * 2 + 1], heap[place * 2 + 2]];
      if (left === undefined) break;
      const below = right !== undefined && isBefore(right, left) ? place * 2 + 2 : place * 2 + 1;
      const child = below === place * 2 + 1 ? left : right;
      if (child === undefined || isBefore(last, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
