import { type ChangeLogChoice, type Time, UnavailableError } from '#libs/key-domain';
import { type Log, StartError } from '#libs/observability';
import { randomUUID } from 'node:crypto';
import type { LogConnection } from '../postgres/log-connection.js';
import { PostgresMemberRegistry } from '../registry/postgres-member-registry.js';
import { RegisteredLog } from '../registry/registered-log.js';
import { troubleOf } from '../trouble.js';
import { unfitness } from './fitness.js';
import { identityKey, RedisChangeLog } from './redis-change-log.js';
import { RedisConnection } from './redis-connection.js';

export interface OpenRedisLogOptions {
  readonly url: string;
  readonly installationId: string;
  readonly choice: ChangeLogChoice;
  /** To the registry. */
  readonly connection: LogConnection;
  readonly time: Time;
  readonly log: Log;
}

export interface OpenedRedisLog {
  readonly log: RegisteredLog;
  /** Rejects where the log can't be used at the moment. */
  ping(): Promise<void>;
  close(): void;
}

/** A Redis that an installation has never used must answer within so many milliseconds; any other may come later. */
const FIRST_START_LIMIT_MS = 10_000;
const RETRY_MS = 250;
const PREFIX = 'redis:';

/** @throws StartError when the server is unfit, or is not the one that the installation has chosen */
export async function openRedisLog(options: OpenRedisLogOptions): Promise<OpenedRedisLog> {
  const { url, installationId, connection, time, log } = options;
  const redis = new RedisConnection({ url, onTrouble: troubleOf(log, `lost a connection to Redis at ${addressOf(url)}`) });
  try {
    await redis.open();
    const identity = await chosenIdentity(redis, options);
    const server = new RedisChangeLog(redis, { installationId, identity });
    return {
      log: new RegisteredLog(server, new PostgresMemberRegistry(connection), time),
      ping: async () => {
        await server.members();
      },
      close: () => redis.close(),
    };
  } catch (error) {
    redis.close();
    throw error;
  }
}

/** Which log it must be. A server that is away is compared with it by every script, once it is back. */
async function chosenIdentity(redis: RedisConnection, options: OpenRedisLogOptions): Promise<string> {
  const { url, choice, installationId } = options;
  const chosen = await choice.chosen();
  const server = await fitServer(redis, options, chosen === null ? FIRST_START_LIMIT_MS : 0);
  if (server === null && chosen === null) {
    throw new StartError(`Redis at ${addressOf(url)} could not be reached: start it, or correct MINTMARK_REDIS_URL.`);
  }
  const held = server === null ? null : await redis.get(identityKey(installationId));
  const identity = chosen ?? (await choice.choose(`${PREFIX}${held ?? randomUUID()}`));
  if (!identity.startsWith(PREFIX)) throw new StartError(NEEDS_NO_REDIS);
  const name = identity.slice(PREFIX.length);
  if (held !== null && held !== name) {
    throw new StartError(
      `Redis at ${addressOf(url)} is not the one that holds this installation's change log: correct MINTMARK_REDIS_URL. To change over to it see docs/configuration.md, Redis.`,
    );
  }
  return name;
}

/** @returns null: it can't be reached */
async function fitServer(redis: RedisConnection, { url, time }: OpenRedisLogOptions, limitMs: number): Promise<true | null> {
  const deadline = time.monotonic() + limitMs;
  for (;;) {
    const info = await infoOf(redis);
    if (info !== null) {
      const reason = unfitness(info);
      if (reason === null) return true;
      throw new StartError(`Redis at ${addressOf(url)} ${reason}.`);
    }
    if (time.monotonic() >= deadline) return null;
    await new Promise<void>((resolve) => time.after(RETRY_MS, resolve));
  }
}

async function infoOf(redis: RedisConnection): Promise<string | null> {
  try {
    return await redis.info();
  } catch (error) {
    if (error instanceof UnavailableError) return null;
    throw error;
  }
}

/** Host and port: what may be shown of the URL. */
function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}

const NEEDS_NO_REDIS =
  "This installation's change log is on Postgres, but MINTMARK_REDIS_URL is set: unset it. To change over to Redis see docs/configuration.md, Redis.";
