import { LEASE_TERMS } from '#libs/coherence';
import { Admin } from './actors/admin.js';
import { Administration } from './actors/administration.js';
import { type SimKey, simKey } from './actors/keys.js';
import { Service } from './actors/services.js';
import { Verifier } from './actors/verifier.js';
import { Random } from './engine/random.js';
import { FaultMaker, FAULTS, type Victim } from './faults.js';
import { Violation } from './history.js';
import { ModelJournal, PostgresModelLog } from './model-log.js';
import { PostgresServer } from './model/postgres-server.js';
import { Store } from './model/store.js';
import { type Climate, World } from './world.js';

export interface SeedResult {
  readonly seed: number;
  /** Null: every guarantee was kept. */
  readonly violation: string | null;
  readonly events: number;
  readonly verifications: number;
  readonly changes: number;
  /** The last events, where they were traced. */
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  readonly isTraced?: boolean;
}

/** Virtual milliseconds: until when faults begin, are over, and everything has settled. */
const FAULTS_UNTIL_MS = 9_000;
const FAULTS_OVER_MS = 11_000;
const SETTLED_MS = 17_000;
const END_MS = 20_000;

const CLIMATES = {
  delays: [
    { usual: 1, slowness: 0.002, slow: 300 },
    { usual: 5, slowness: 0.02, slow: 1_500 },
    { usual: 0.3, slowness: 0, slow: 0 },
  ],
  drift: [0, 0.005, 0.049],
  stalls: [0, 0, 0.0005],
};

/** Runs one seed: everything that happens in it follows from the seed alone. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SeedResult> {
  const random = new Random(seed);
  const isCalm = random.chance(0.05);
  const kinds = isCalm ? [] : random.some(FAULTS, random.between(0.1, 0.9));
  const climate: Climate = {
    delays: random.pick(CLIMATES.delays),
    drift: random.pick(CLIMATES.drift),
    stalls: isCalm ? 0 : random.pick(CLIMATES.stalls),
    wallSteps: kinds.includes('step the wall clock') || kinds.includes('sleep'),
  };
  const world = new World(random, climate, options.isTraced ?? false);
  const journal = new ModelJournal();
  const store = new Store(journal, (change, touched) => {
    world.history.committed(change, touched);
    world.scheduler.after(LEASE_TERMS.lease, () => {
      world.history.inForce(change.scope, change.place);
    });
  });
  const log = new PostgresModelLog(journal, { clock: () => world.postgresTime(), changesAtOnce: random.pick([2, 1_000]) });
  const postgres = new PostgresServer(world, store, log);
  const admins = names('admin', 1 + random.below(2)).map((name) => new Admin(world, name, postgres));
  const verifiers = names('verifier', 1 + random.below(3)).map((name) => new Verifier(world, name, postgres));
  const accounts = names('acc', 2).map((accountId) => accountOf(accountId));
  const services = accounts.map(({ accountId, service }) => new Service(world, `service-${accountId}`, service));
  for (const { keys, service } of accounts) {
    for (const key of [...keys.slice(0, 2), service]) store.edit({ of: 'creation', ...key });
    store.edit({ of: 'key', keyId: service.keyId, edit: { kind: 'scopes', scopes: ['mintmark:tokens:verify'] } });
  }
  new Administration(world, admins, {
    accounts,
    until: FAULTS_UNTIL_MS + 1_000,
    pause: random.pick([100, 400, 1_500]),
    ask: (keys) => {
      for (const [index, service] of services.entries()) {
        const own = keys.filter((key) => accounts[index]?.keys.includes(key));
        if (own.length > 0) for (const verifier of verifiers) service.ask(verifier, own, []);
      }
    },
  }).start();
  const faults = new FaultMaker(
    world,
    { kinds, pause: random.pick([200, 1_000, 3_000]), until: FAULTS_UNTIL_MS, over: FAULTS_OVER_MS },
    {
      victims: [...admins, ...verifiers],
      servers: [postgres],
      others: services.map(({ name }) => name),
      shutDown: (victim: Victim) => {
        if (victim instanceof Verifier) void victim.shutDown();
      },
    },
  );
  faults.start();
  const asking = random.fork();
  const questionPause = random.pick([15, 40, 100]);
  const SCOPES = [[], ['garments:read'], ['garments:write']];
  let verifications = 0;
  const ask = () => {
    const index = asking.below(services.length);
    const [service, account] = [services[index], accounts[index]];
    if (service !== undefined && account !== undefined) {
      verifications += 1;
      const keys = asking.chance(0.1) ? account.keys : [asking.pick(account.keys)];
      service.ask(asking.pick(verifiers), keys, asking.pick(SCOPES));
    }
    if (world.now < SETTLED_MS) world.scheduler.after(asking.between(0, 2 * questionPause), ask);
  };
  world.scheduler.at(50, ask);
  world.scheduler.at(SETTLED_MS, () => void 0);
  for (let until = 250; until <= END_MS && world.failure === null; until += 250) await world.scheduler.run(until);
  return {
    seed,
    violation:
      world.failure === null ? null : String(world.failure instanceof Violation ? world.failure.message : world.failure.stack),
    events: world.scheduler.count,
    verifications,
    changes: journal.head,
    trace: world.lines,
  };
}

function names(kind: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
}

export interface SimAccount {
  readonly accountId: string;
  readonly service: SimKey;
  readonly keys: readonly SimKey[];
}

function accountOf(accountId: string): SimAccount {
  const keys = names(`key-${accountId}`, 12).map((keyId) => simKey(keyId, accountId));
  return { accountId, keys, service: simKey(`service-${accountId}`, accountId) };
}
