import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

/** What the clocks of a machine do; true time is the scheduler's. */
export interface ClockFaults {
  /** Milliseconds of its monotonic clock in one of true time. */
  readonly rate: number;
}

/** A machine: two clocks that outlive the processes on it. */
export class Machine {
  readonly #origin: number;
  #wallOffset: number;
  #asleep = 0;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    random: Random,
    private readonly faults: ClockFaults,
  ) {
    this.#origin = random.between(0, 1e6);
    this.#wallOffset = 1.9e12 + random.between(-1e7, 1e7);
  }

  get rate(): number {
    return this.faults.rate;
  }

  monotonicAt(trueTime: number): number {
    return this.#origin + (trueTime - this.#asleep) * this.rate;
  }

  wallAt(trueTime: number): number {
    return this.#wallOffset + trueTime * this.rate;
  }

  stepWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /** It has slept until now: its monotonic clock stood still. */
  wokeAfter(ms: number): void {
    this.#asleep += ms;
  }

  /** True time at which the monotonic clock will have come to `monotonic`, unless it sleeps until then. */
  whenMonotonic(monotonic: number): number {
    return (monotonic - this.#origin) / this.rate + this.#asleep;
  }

  get now(): number {
    return this.scheduler.now;
  }
}
