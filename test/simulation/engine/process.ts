import type { Time } from '#libs/key-domain';
import type { Machine } from './machine.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

export interface ProcessOptions {
  readonly machine: Machine;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** How likely it is that the process stops for a while between two instructions when it looks at a clock. */
  readonly stalls: () => number;
}

/** Timers run this much late at most, in milliseconds, while nothing is wrong. */
const TIMER_JITTER_MS = 1.5;
/** Longer than a lease; of all stalls in one step together. */
const LONGEST_STALL_MS = 2_800;

/**
 * One life of an operating system's process. Stopped, it runs nothing, while its clocks go on; when it goes on itself,
 * timers that are due and messages that came in meanwhile are run one after the other, in an order that nobody can
 * rely on, except that what one connection brought stays in order.
 */
export class SimProcess implements Time {
  #alive = true;
  #stopped = 0;
  #stops = 0;
  #timersDue: (() => void)[] = [];
  #received: (() => void)[] = [];
  #catchingUp = false;
  #stalledBy = 0;
  #stalledIn = -1;

  constructor(private readonly options: ProcessOptions) {}

  get name(): string {
    return this.options.machine.name;
  }

  get machine(): Machine {
    return this.options.machine;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** How often it was stopped so far. */
  get stops(): number {
    return this.#stops;
  }

  /** True time as this process is doing what it does. */
  get now(): number {
    return this.options.scheduler.now + this.#stall;
  }

  monotonic(): number {
    this.#mayStall();
    return this.machine.monotonicAt(this.now);
  }

  wall(): number {
    this.#mayStall();
    return this.machine.wallAt(this.now);
  }

  after(ms: number, work: () => void): () => void {
    const due = this.machine.monotonicAt(this.now) + Math.max(ms, 1);
    let cancelled = false;
    const wait = () => {
      const at = this.machine.whenMonotonic(due) + this.options.random.next() * TIMER_JITTER_MS;
      this.options.scheduler.at(at, () => {
        if (cancelled || !this.#alive) return;
        if (this.machine.monotonicAt(this.options.scheduler.now) < due) wait();
        else this.#enqueue(this.#timersDue, run);
      });
    };
    const run = () => {
      if (!cancelled) work();
    };
    wait();
    return () => {
      cancelled = true;
    };
  }

  /** Something came in from outside. */
  receive(work: () => void): void {
    this.#enqueue(this.#received, work);
  }

  kill(): void {
    this.#alive = false;
    this.#timersDue = [];
    this.#received = [];
  }

  stop(): void {
    this.#stopped += 1;
    this.#stops += 1;
  }

  goOn(): void {
    this.#stopped -= 1;
    if (this.#stopped === 0) this.#catchUp();
  }

  get #stall(): number {
    return this.#stalledIn === this.options.scheduler.count ? this.#stalledBy : 0;
  }

  #mayStall(): void {
    const { random, scheduler } = this.options;
    const likely = this.options.stalls();
    if (likely === 0 || !random.chance(likely)) return;
    const ms = random.chance(0.5) ? random.between(0, 50) : random.between(0, LONGEST_STALL_MS);
    this.#stalledBy = Math.min(this.#stall + ms, LONGEST_STALL_MS);
    this.#stalledIn = scheduler.count;
    this.stop();
    scheduler.at(scheduler.now + this.#stalledBy, () => {
      this.goOn();
    });
  }

  #enqueue(queue: (() => void)[], work: () => void): void {
    if (!this.#alive) return;
    if (this.#stopped === 0 && !this.#catchingUp) work();
    else queue.push(work);
  }

  #catchUp(): void {
    if (this.#catchingUp || !this.#alive) return;
    this.#catchingUp = true;
    const { random, scheduler } = this.options;
    const next = () => {
      if (!this.#alive) return;
      const queues = [this.#timersDue, this.#received].filter((queue) => queue.length > 0);
      if (this.#stopped > 0 || queues.length === 0) {
        this.#catchingUp = false;
        return;
      }
      random.pick(queues).shift()?.();
      scheduler.after(random.between(0, 0.05), next);
    };
    next();
  }
}
