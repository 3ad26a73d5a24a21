import { Random } from './engine/random.js';
import { FAULTS, type Fault } from './faults.js';
import type { Mutation } from './mutation.js';
import type { Climate } from './world.js';

export type LogKind = 'postgres' | 'redis';

/** What a seed makes of an installation and of its weather, before anything happens. */
export interface Plan {
  readonly log: LogKind;
  readonly climate: Climate;
  readonly faults: readonly Fault[];
  /** Milliseconds between two faults, on average. */
  readonly faultPause: number;
  readonly admins: number;
  readonly verifiers: number;
  readonly guards: number;
  /** Milliseconds between two calls that change something, on average. */
  readonly editPause: number;
  /** Milliseconds between two questions, on average. */
  readonly questionPause: number;
  readonly changesAtOnce: number;
  /** Of a Redis' stream. */
  readonly changesHeld: number;
}

const DELAYS = [
  { usual: 1, slowness: 0.002, slow: 300 },
  { usual: 5, slowness: 0.02, slow: 1_500 },
  { usual: 0.3, slowness: 0, slow: 0 },
];
/** A lease's margin makes up for clocks that are a twentieth fast or slow. */
const DRIFTS = [0, 0.005, 0.049];
const STALLS = [0, 0, 0.0005];

/** Each run has few kinds of fault: where everything fails at once, little else happens. */
export function planOf(random: Random, { log: only, faults: needed = [] }: Pick<Mutation, 'log' | 'faults'> = {}): Plan {
  const isCalm = random.chance(0.05);
  const drawn = random.pick(['postgres', 'redis'] as const);
  const drawnFaults = isCalm ? [] : random.some(FAULTS, random.between(0.1, 0.9));
  const faults = [...new Set([...drawnFaults, ...needed])];
  const log = only ?? drawn;
  return {
    log,
    faults,
    climate: {
      delays: random.pick(DELAYS),
      drift: random.pick(DRIFTS),
      isAdverse: random.chance(0.5),
      stalls: isCalm ? 0 : random.pick(STALLS),
      isRedisLog: log === 'redis',
      wallSteps: faults.includes('step the wall clock') || faults.includes('sleep'),
    },
    faultPause: random.pick([200, 1_000, 3_000]),
    admins: 1 + random.below(2),
    verifiers: 1 + random.below(3),
    guards: random.below(4),
    editPause: random.pick([100, 400, 1_500]),
    questionPause: random.pick([15, 40, 100]),
    changesAtOnce: random.pick([2, 1_000]),
    changesHeld: random.pick([3, 10_000]),
  };
}
