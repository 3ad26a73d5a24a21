import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

/** What the clocks of a machine do; true time is the scheduler's. */
export interface ClockFaults {
  /** Milliseconds of its monotonic clock in one of true time. */
  readonly rate: number;
}

/** While a machine sleeps, its timers are looked at this often. */
const DOZE_MS = 20;

/** A machine: two clocks that outlive the processes on it. */
export class Machine {
  readonly #origin: number;
  #wallOffset: number;
  #slept = 0;
  #sleeps = 0;
  #asleepSince = Infinity;

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
    return this.#origin + (Math.min(trueTime, this.#asleepSince) - this.#slept) * this.rate;
  }

  wallAt(trueTime: number): number {
    return this.#wallOffset + trueTime * this.rate;
  }

  stepWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /** Its monotonic clock stands still until it wakes. Whoever has it sleep stops its process too. */
  sleep(): void {
    this.#sleeps += 1;
    if (this.#sleeps === 1) this.#asleepSince = this.now;
  }

  wake(): void {
    this.#sleeps -= 1;
    if (this.#sleeps > 0) return;
    this.#slept += this.now - this.#asleepSince;
    this.#asleepSince = Infinity;
  }

  /** True time at which the monotonic clock may have come to `monotonic`: later, if it sleeps meanwhile. */
  whenMonotonic(monotonic: number): number {
    const awake = (monotonic - this.#origin) / this.rate + this.#slept;
    return this.#asleepSince === Infinity ? awake : Math.max(awake, this.now + DOZE_MS);
  }

  get now(): number {
    return this.scheduler.now;
  }
}
