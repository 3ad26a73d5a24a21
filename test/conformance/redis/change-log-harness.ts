import {
  LogConnection,
  PostgresMemberRegistry,
  REDIS_LOG_LIMITS,
  RedisChangeLog,
  RedisConnection,
  type RedisLogLimits,
  RegisteredLog,
} from '#libs/coherence';
import { createLog } from '#libs/observability';
import { migrate } from '#libs/persistence';
import { randomUUID } from 'node:crypto';
import { freshDatabase } from '../../support/fresh-database.js';
import { RedisServer } from '../../support/redis-server.js';
import { RedisModelLog } from '../../simulation/redis-model-log.js';
import type { ChangeLogHarness } from '../change-log.harness.js';

/** The log on a Redis of its own, with its registry in a Postgres database of its own. */
export interface RedisChangeLogHarness extends ChangeLogHarness {
  readonly server: RedisServer;
  readonly registry: PostgresMemberRegistry;
  /** Both clocks of every process, in milliseconds: they stand still unless they are set. */
  readonly clock: { now: number };
  /** The names of its keys. */
  readonly keys: { readonly changes: string; readonly members: string; readonly identity: string };
  /** What one more process has: its view of the server's log alone, and the one with the registry. */
  process(): { readonly bare: RedisChangeLog; readonly log: RegisteredLog };
}

export async function redisChangeLogHarness(limits: RedisLogLimits = REDIS_LOG_LIMITS): Promise<RedisChangeLogHarness> {
  const server = await RedisServer.start();
  const database = await freshDatabase();
  await migrate({ url: database.url, log: createLog('conformance', { write: () => undefined }) });
  const postgres = new LogConnection({ url: database.url, poolSize: 4, onTrouble: () => undefined });
  const registry = new PostgresMemberRegistry(postgres);
  const connection = new RedisConnection({ url: server.url, onTrouble: () => undefined });
  await connection.open();
  const installationId = randomUUID();
  const clock = { now: 0 };
  const process = () => {
    const bare = new RedisChangeLog(connection, { installationId, identity: 'a log', limits });
    return { bare, log: new RegisteredLog(bare, registry, { monotonic: () => clock.now, wall: () => clock.now }) };
  };
  const keys = {
    changes: `{mintmark:${installationId}}:changes`,
    members: `{mintmark:${installationId}}:members`,
    identity: `{mintmark:${installationId}}:log`,
  };
  let place = 0;
  return {
    server,
    registry,
    clock,
    process,
    keys,
    follower: () => process().log,
    publisher: process().log,
    commit: ({ scope, handles }) => Promise.resolve({ place: (place += 1), scope, handles }),
    async forgetChanges(upTo) {
      await server.command('XTRIM', keys.changes, 'MINID', `${Math.max(0, upTo + 1)}-0`);
    },
    model: (epoch) => new RedisModelLog(epoch, limits),
    async reset() {
      await server.command('FLUSHALL');
      for (const id of await registry.ids()) await registry.remove(id);
    },
    async close() {
      connection.close();
      await postgres.close();
      await database.drop();
      await server.kill();
    },
  };
}
