import {
  type ChangeLogChoice,
  type Enforcement,
  type InstallationStore,
  StoreTime,
  SYSTEM_TIME,
  type Time,
} from '#libs/key-domain';
import { type HealthChecks, type Log, StartError } from '#libs/observability';
import type { Audience } from './follower/audience.js';
import type { LogFollower } from './follower/log-follower.js';
import { EitherRoad } from './inquiries/either-road.js';
import { InquiringEnforcement } from './inquiries/inquiring-enforcement.js';
import { InquiryFollower } from './inquiries/inquiry-follower.js';
import { PostgresInquiryLog } from './inquiries/postgres-inquiry-log.js';
import type { FollowedLog, PublishedLog } from './log/change-log.js';
import type { LogConnection } from './postgres/log-connection.js';
import { PostgresChangeLog } from './postgres/postgres-change-log.js';
import { openRedisLog } from './redis/open-redis-log.js';
import { SettledEnforcement } from './registry/settled-enforcement.js';
import { StoreClock } from './store-clock.js';
import { troubleOf } from './trouble.js';

/** The log that all processes of the installation follow, as this one reaches it. */
export interface InstalledLog {
  readonly log: FollowedLog & PublishedLog;
  /** Whether the journal of changes is the log; otherwise it is the log's outbox. */
  readonly isJournal: boolean;
  /** Makes of an enforcement by the log one that holds whatever becomes of the log's server. */
  settle(enforcement: Enforcement): Enforcement;
  /** What answers inquiries that go past the log; null: nothing can, the log is where they would be made. */
  answering(follower: LogFollower, audience: Audience): InquiryFollower | null;
  /** Postgres' clock, where the log does not tell it; null: it does. */
  readonly storeTime: StoreTime | null;
  start(): void;
  stop(): Promise<void>;
}

export const InstalledLog = Symbol('InstalledLog');

export interface InstalledLogParts {
  readonly connection: LogConnection;
  readonly installation: InstallationStore;
  readonly choice: ChangeLogChoice;
  readonly health: HealthChecks;
  readonly log: Log;
  readonly time?: Time;
}

const JOURNAL = 'postgres';
const STORE_CLOCK = { name: 'store_clock', text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now' };

/**
 * Opens the log: the Redis at a URL, or the journal in Postgres where none is named.
 * @throws StartError when the installation's log is another, or can't be used
 */
export async function openLog(redisUrl: string | undefined, parts: InstalledLogParts): Promise<InstalledLog> {
  const { connection, choice } = parts;
  if (redisUrl === undefined) {
    if ((await choice.choose(JOURNAL)) !== JOURNAL) throw new StartError(NEEDS_REDIS);
    return {
      log: new PostgresChangeLog(connection),
      isJournal: true,
      settle: (enforcement) => enforcement,
      answering: () => null,
      storeTime: null,
      start: () => undefined,
      stop: () => Promise.resolve(),
    };
  }
  return onRedis(redisUrl, parts);
}

async function onRedis(
  url: string,
  { connection, installation, choice, health, log, time = SYSTEM_TIME }: InstalledLogParts,
): Promise<InstalledLog> {
  const redis = await openRedisLog({ url, installationId: await installation.id(), choice, connection, time, log });
  health.add('redis', () => redis.ping(), { isEssential: () => false });
  const storeTime = new StoreTime(time);
  const ask = async () => (await connection.query<{ now: number }>(STORE_CLOCK))[0]?.now ?? NaN;
  const clock = new StoreClock(storeTime, ask, time, troubleOf(log, "Postgres' clock can not be read"));
  const inquiries = new PostgresInquiryLog(connection);
  const onTrouble = troubleOf(log, 'inquiries can not be made or heard: changes that the log does not tell wait');
  return {
    log: redis.log,
    isJournal: false,
    settle: (enforcement) => {
      const byLog = new SettledEnforcement(enforcement, redis.log, time);
      return new EitherRoad(byLog, new InquiringEnforcement(inquiries, { time, onTrouble }), time);
    },
    answering: (follower, audience) =>
      new InquiryFollower(inquiries, {
        time,
        audience,
        heed: (inquiry) => follower.heed(inquiry),
        registration: () => redis.log.registration,
        onTrouble,
      }),
    storeTime,
    start: () => clock.start(),
    stop: async () => {
      await clock.stop();
      redis.close();
    },
  };
}

const NEEDS_REDIS =
  "This installation's change log is on Redis, but MINTMARK_REDIS_URL is not set: set it for every admin and verifier. To change over to Postgres see docs/configuration.md, Redis.";
