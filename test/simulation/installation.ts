import { type FollowedLog, LEASE_TERMS, type PublishedLog, RegisteredLog } from '#libs/coherence';
import { Admin } from './actors/admin.js';
import { Guard } from './actors/guard.js';
import { type SimAccount, simAccount } from './actors/keys.js';
import { Service } from './actors/services.js';
import { Verifier } from './actors/verifier.js';
import type { SimProcess } from './engine/process.js';
import { ModelJournal, PostgresModelLog } from './model-log.js';
import { PostgresServer } from './model/postgres-server.js';
import { OutboxServer } from './model/outbox-server.js';
import { RedisServer } from './model/redis-server.js';
import { RegistryServer } from './model/registry-server.js';
import { Store } from './model/store.js';
import type { Mutation } from './mutation.js';
import type { Plan } from './plan.js';
import type { World } from './world.js';

/** How processes come by what they need of the servers. */
export interface Servers {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer | null;
  readonly registry: RegistryServer;
  readonly outbox: OutboxServer;
  readonly mutation: Mutation;
  log(process: SimProcess): FollowedLog & PublishedLog;
}

/** Everything that runs. */
export interface Installation extends Servers {
  readonly store: Store;
  readonly admins: readonly Admin[];
  readonly verifiers: readonly Verifier[];
  readonly accounts: readonly SimAccount[];
  readonly guards: readonly Guard[];
  readonly services: readonly Service[];
}

/** Keys of each account that are there from the start. */
export const FIRST_KEYS = 2;

export function install(world: World, plan: Plan, mutation: Mutation): Installation {
  const journal = new ModelJournal();
  const store = new Store(journal, (change, touched) => {
    world.history.committed(change, touched);
    outbox.committed(change, world.now);
    // The journal is the log: whoever hears of nothing has no lease any more by then, whether anybody waits or not.
    if (plan.log !== 'postgres') return;
    world.scheduler.after(LEASE_TERMS.lease, () => {
      world.history.inForce(change.scope, change.place);
    });
  });
  const clock = { clock: () => world.postgresTime(), changesAtOnce: plan.changesAtOnce };
  const postgres = new PostgresServer(world, store, new PostgresModelLog(journal, clock));
  const redis = plan.log === 'redis' ? new RedisServer(world, plan) : null;
  const registry = new RegistryServer(postgres);
  const outbox = new OutboxServer(postgres);
  const servers: Servers = { postgres, redis, registry, outbox, mutation, log: logs({ postgres, redis, registry, mutation }) };
  const accounts = names('acc', 2).map((accountId) => simAccount(accountId));
  for (const { keys, service } of accounts) {
    for (const key of [...keys.slice(0, FIRST_KEYS), service]) store.edit({ of: 'creation', ...key });
    store.edit({ of: 'key', keyId: service.keyId, edit: { kind: 'scopes', scopes: ['mintmark:tokens:verify'] } });
  }
  const verifiers = names('verifier', plan.verifiers).map((name) => new Verifier(world, name, servers));
  return {
    ...servers,
    store,
    accounts,
    admins: names('admin', plan.admins).map((name) => new Admin(world, name, servers)),
    verifiers,
    guards: guards(world, plan, { accounts, verifiers, mutation }),
    services: accounts.map(({ accountId, service }) => new Service(world, `service-${accountId}`, service)),
  };
}

function logs({ postgres, redis, registry, mutation }: Omit<Servers, 'log' | 'outbox'>): Servers['log'] {
  if (redis === null) return (process) => postgres.logFor(process);
  return (process) => {
    const members = registry.registryFor(process);
    const clock = mutation.registryClock?.(process) ?? process;
    return new RegisteredLog(redis.logFor(process), mutation.registry?.(members) ?? members, clock);
  };
}

/** Most of one account: what several know, and what one of them is late with, is what is to be tried. */
function guards(
  world: World,
  plan: Plan,
  { accounts, verifiers, mutation }: Pick<Installation, 'accounts' | 'verifiers' | 'mutation'>,
): readonly Guard[] {
  return names('guard', plan.guards).flatMap((name, index) => {
    const account = accounts[index === 2 ? 1 : 0];
    return account === undefined ? [] : [new Guard(world, name, account, verifiers, mutation)];
  });
}

function names(kind: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
}
