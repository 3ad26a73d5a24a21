import { Administration } from './actors/administration.js';
import { Questions } from './actors/questions.js';
import { Random } from './engine/random.js';
import { FaultMaker } from './faults.js';
import { Violation } from './history.js';
import { type Installation, install } from './installation.js';
import type { Mutation } from './mutation.js';
import { planOf } from './plan.js';
import { Recovery } from './recovery.js';
import { World } from './world.js';

export interface SeedResult {
  readonly seed: number;
  /** Null: every guarantee was kept. */
  readonly violation: string | null;
  readonly events: number;
  readonly questions: number;
  /** Those that guards answered from what they keep. */
  readonly kept: number;
  readonly changes: number;
  /** The last events, where they were traced. */
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  readonly isTraced?: boolean;
  readonly mutation?: Mutation;
}

/**
 * True milliseconds: until when calls and faults begin, faults are over, and everything has recovered: the last stalls
 * are over, and look-ups that were lost by then have failed.
 */
const FAULTS_UNTIL_MS = 9_000;
const FAULTS_OVER_MS = 11_000;
const RECOVERED_MS = 19_500;
/** Milliseconds after a change, where everybody is asked about it late: longer than a lease. */
const ASKED_LATE_MS = [2_500, 5_000] as const;
/** A run looks this often whether it has failed. */
const LOOK_MS = 250;

/** Runs one seed: everything that happens in it follows from the seed alone. */
export async function simulate(seed: number, { isTraced = false, mutation = {} }: SimulationOptions = {}): Promise<SeedResult> {
  const random = new Random(seed);
  const plan = planOf(random, mutation);
  const world = new World(random, plan.climate, isTraced);
  const installation = install(world, plan, mutation);
  const questions = new Questions(world, installation, { pause: plan.questionPause, until: FAULTS_OVER_MS + 1_000 });
  const { accounts, admins } = installation;
  const ask = (keys: Parameters<Questions['askEverybody']>[0]) => {
    const askNow = () => {
      questions.askEverybody(keys);
    };
    if (mutation.isAskedLate === true) world.scheduler.after(random.between(...ASKED_LATE_MS), askNow);
    else askNow();
  };
  new Administration(world, admins, { accounts, until: FAULTS_UNTIL_MS, pause: plan.editPause, ask }).start();
  faultsOf(world, installation, plan).start();
  questions.start();
  world.scheduler.at(FAULTS_OVER_MS, () => {
    world.becomeCalm();
  });
  const end = new Recovery(world, installation).start(RECOVERED_MS);
  for (let until = LOOK_MS; until < end + LOOK_MS && world.failure === null; until += LOOK_MS) await world.scheduler.run(until);
  return {
    seed,
    violation: told(world.failure),
    events: world.scheduler.count,
    questions: questions.count,
    kept: installation.guards.reduce((sum, { kept }) => sum + kept, 0),
    changes: installation.store.journal.head,
    trace: world.lines,
  };
}

function faultsOf(world: World, installation: Installation, plan: ReturnType<typeof planOf>): FaultMaker {
  const { admins, verifiers, guards, services, postgres, redis } = installation;
  const timing = { kinds: plan.faults, pause: plan.faultPause, until: FAULTS_UNTIL_MS, over: FAULTS_OVER_MS };
  return new FaultMaker(world, timing, {
    victims: [...admins, ...verifiers, ...guards],
    verifiers,
    guards,
    servers: redis === null ? [postgres] : [redis, postgres],
    redis,
    others: services.map(({ name }) => name),
  });
}

function told(failure: Error | null): string | null {
  if (failure === null) return null;
  return failure instanceof Violation ? failure.message : (failure.stack ?? failure.message);
}
