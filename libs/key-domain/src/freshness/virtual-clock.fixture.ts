import type { Clock } from './clock.js';

/** Clocks that a test sets. */
export class VirtualClock implements Clock {
  #monotonic = 1_000;
  #wall = 1_900_000_000_000;

  monotonic(): number {
    return this.#monotonic;
  }

  wall(): number {
    return this.#wall;
  }

  /** True time passes: both go on, unless the machine sleeps and the monotonic one stands still. */
  pass(ms: number, asleep = false): void {
    this.#wall += ms;
    if (!asleep) this.#monotonic += ms;
  }

  /** Somebody sets the wall clock, forward or back. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }
}
