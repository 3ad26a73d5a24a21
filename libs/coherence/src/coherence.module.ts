import { type DynamicModule, Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ChangeFollower, ChangeLogChoice, ChangeOutbox, Enforcement, InstallationStore, SYSTEM_TIME } from '#libs/key-domain';
import { HealthChecks, Log, Metrics } from '#libs/observability';
import { LogEnforcement } from './enforcement/log-enforcement.js';
import { LostMembers } from './enforcement/lost-members.js';
import { MeasuredEnforcement } from './enforcement/measured-enforcement.js';
import { GuardSessions } from './guards/guard-sessions.js';
import { LogFollower } from './follower/log-follower.js';
import { InstalledLog, openLog } from './installed-log.js';
import { LogLife } from './log-life.js';
import { LogConnection } from './postgres/log-connection.js';
import { JournalKeeper } from './relay/journal-keeper.js';
import { NotingLog } from './relay/noting-log.js';
import { troubleOf } from './trouble.js';

export interface CoherenceOptions {
  /** Of the database that holds the journal of changes. */
  readonly databaseUrl: string;
  /** Of the Redis that holds the log; absent: the journal is the log. */
  readonly redisUrl?: string | undefined;
}

/** Connections for statements: a verifier makes one exchange at a time; an admin waits for many changes at once. */
const FOLLOWER_CONNECTIONS = 2;
const PUBLISHER_CONNECTIONS = 4;

/**
 * The change log of an installation, as a verifier follows it or as an admin waits on it.
 * The app binds InstallationStore and ChangeLogChoice globally, and ChangeOutbox where it is an admin.
 */
@Module({})
export class CoherenceModule {
  /** Gives {@link ChangeFollower}: the module that remembers does so under it; and the sessions of guards. */
  static forVerifier(options: CoherenceOptions): DynamicModule {
    return {
      module: CoherenceModule,
      global: true,
      providers: [
        connectionTo(options, FOLLOWER_CONNECTIONS),
        installedLog(options),
        {
          provide: GuardSessions,
          useFactory: () => new GuardSessions({ time: SYSTEM_TIME, newSessionId: () => `gs_${randomUUID()}` }),
        },
        {
          provide: LogFollower,
          useFactory: (installed: InstalledLog, audience: GuardSessions, log: Log) => {
            const follower = new LogFollower(installed.log, {
              time: SYSTEM_TIME,
              ...(installed.storeTime !== null && { storeTime: installed.storeTime }),
              audience,
              newMemberId: () => `ver_${randomUUID()}`,
              onTrouble: troubleOf(log, 'the change log is not followed; tokens are verified by reading the database'),
            });
            audience.attend(follower);
            return follower;
          },
          inject: [InstalledLog, GuardSessions, Log],
        },
        { provide: ChangeFollower, useExisting: LogFollower },
        {
          provide: LogLife,
          useFactory: (c: LogConnection, log: InstalledLog, follower: LogFollower, audience: GuardSessions) => {
            const answering = log.answering(follower, audience);
            return new LogLife(c, [log, follower, ...(answering === null ? [] : [answering])]);
          },
          inject: [LogConnection, InstalledLog, LogFollower, GuardSessions],
        },
      ],
      exports: [ChangeFollower, GuardSessions],
    };
  }

  /** Gives {@link Enforcement}. */
  static forAdmin(options: CoherenceOptions): DynamicModule {
    return {
      module: CoherenceModule,
      global: true,
      providers: [
        connectionTo(options, PUBLISHER_CONNECTIONS),
        installedLog(options),
        {
          provide: Enforcement,
          useFactory: (installed: InstalledLog, outbox: ChangeOutbox, metrics: Metrics, log: Log) => {
            const onTrouble = troubleOf(log, 'the change log can not be asked; changes wait to be confirmed');
            const published = installed.isJournal ? installed.log : new NotingLog(installed.log, outbox, onTrouble);
            const enforcement = new LogEnforcement(published, { time: SYSTEM_TIME, onTrouble });
            return new MeasuredEnforcement(installed.settle(enforcement), metrics, log);
          },
          inject: [InstalledLog, ChangeOutbox, Metrics, Log],
        },
        {
          provide: JournalKeeper,
          useFactory: ({ log: changes, isJournal }: InstalledLog, outbox: ChangeOutbox, log: Log) => {
            const onTrouble = troubleOf(log, 'the journal of changes is not kept: what was left unpublished waits');
            return new JournalKeeper(outbox, { time: SYSTEM_TIME, log: isJournal ? null : changes, onTrouble });
          },
          inject: [InstalledLog, ChangeOutbox, Log],
        },
        {
          provide: LogLife,
          useFactory: (c: LogConnection, installed: InstalledLog, keeper: JournalKeeper, log: Log) => {
            const onTrouble = troubleOf(log, 'lost verifiers can not be forgotten: the next change waits for them');
            return new LogLife(c, [installed, keeper, new LostMembers(installed.log, { time: SYSTEM_TIME, onTrouble })]);
          },
          inject: [LogConnection, InstalledLog, JournalKeeper, Log],
        },
      ],
      exports: [Enforcement],
    };
  }
}

function connectionTo({ databaseUrl }: CoherenceOptions, poolSize: number) {
  return {
    provide: LogConnection,
    useFactory: (log: Log) =>
      new LogConnection({ url: databaseUrl, poolSize, onTrouble: troubleOf(log, 'lost a connection to the change log') }),
    inject: [Log],
  };
}

/** Refuses to start on a log that is not the installation's. */
function installedLog({ redisUrl }: CoherenceOptions) {
  return {
    provide: InstalledLog,
    useFactory: (
      connection: LogConnection,
      installation: InstallationStore,
      choice: ChangeLogChoice,
      health: HealthChecks,
      log: Log,
    ) => openLog(redisUrl, { connection, installation, choice, health, log }),
    inject: [LogConnection, InstallationStore, ChangeLogChoice, HealthChecks, Log],
  };
}
