/** Both of a process's clocks, in milliseconds. Neither is Postgres'. */
export interface Clock {
  /** Never set, from an arbitrary origin; it may stand still while the machine sleeps. */
  monotonic(): number;
  /** Since the Unix epoch; it may be set forward or back at any time. */
  wall(): number;
}

/** Clocks and timers, handed in so that a simulation can bring its own. */
export interface Time extends Clock {
  /** Runs `work` once after `ms` milliseconds; returns how to prevent it. It does not keep the process alive. */
  after(ms: number, work: () => void): () => void;
}

export const SYSTEM_TIME: Time = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A point in time by both clocks. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export function momentOf(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.wall() };
}

/**
 * Milliseconds that may have passed at most: a machine that slept is told by the wall clock, a wall clock that was
 * set back by the monotonic one.
 */
export function mostElapsed(clock: Clock, since: Moment, now: Moment = momentOf(clock)): number {
  return Math.max(now.monotonic - since.monotonic, now.wall - since.wall);
}
