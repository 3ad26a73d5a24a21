import { type DynamicModule, Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ChangeFollower, Enforcement, SYSTEM_TIME } from '#libs/key-domain';
import { Log, Metrics } from '#libs/observability';
import { LogEnforcement } from './enforcement/log-enforcement.js';
import { MeasuredEnforcement } from './enforcement/measured-enforcement.js';
import { GuardSessions } from './guards/guard-sessions.js';
import { LogFollower } from './follower/log-follower.js';
import { LogLife } from './log-life.js';
import { LogConnection } from './postgres/log-connection.js';
import { PostgresChangeLog } from './postgres/postgres-change-log.js';
import { troubleOf } from './trouble.js';

export interface CoherenceOptions {
  /** Of the database that holds the journal of changes. */
  readonly databaseUrl: string;
}

/** Connections for statements: a verifier makes one exchange at a time; an admin waits for many changes at once. */
const FOLLOWER_CONNECTIONS = 2;
const PUBLISHER_CONNECTIONS = 4;

/** The change log of an installation, as a verifier follows it or as an admin waits on it. */
@Module({})
export class CoherenceModule {
  /** Gives {@link ChangeFollower}: the module that remembers does so under it; and the sessions of guards. */
  static forVerifier(options: CoherenceOptions): DynamicModule {
    return {
      module: CoherenceModule,
      global: true,
      providers: [
        connectionTo(options, FOLLOWER_CONNECTIONS),
        {
          provide: GuardSessions,
          useFactory: () => new GuardSessions({ time: SYSTEM_TIME, newSessionId: () => `gs_${randomUUID()}` }),
        },
        {
          provide: LogFollower,
          useFactory: (connection: LogConnection, audience: GuardSessions, log: Log) => {
            const follower = new LogFollower(new PostgresChangeLog(connection), {
              time: SYSTEM_TIME,
              audience,
              newMemberId: () => `ver_${randomUUID()}`,
              onTrouble: troubleOf(log, 'the change log is not followed; tokens are verified by reading the database'),
            });
            audience.attend(follower);
            return follower;
          },
          inject: [LogConnection, GuardSessions, Log],
        },
        { provide: ChangeFollower, useExisting: LogFollower },
        {
          provide: LogLife,
          useFactory: (c: LogConnection, f: LogFollower) => new LogLife(c, f),
          inject: [LogConnection, LogFollower],
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
        {
          provide: Enforcement,
          useFactory: (connection: LogConnection, metrics: Metrics, log: Log) => {
            const onTrouble = troubleOf(log, 'the change log can not be asked; changes wait to be confirmed');
            const enforcement = new LogEnforcement(new PostgresChangeLog(connection), { time: SYSTEM_TIME, onTrouble });
            return new MeasuredEnforcement(enforcement, metrics, log);
          },
          inject: [LogConnection, Metrics, Log],
        },
        { provide: LogLife, useFactory: (c: LogConnection) => new LogLife(c, null), inject: [LogConnection] },
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
