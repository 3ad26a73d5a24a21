import type { DataSourceOptions } from 'typeorm';
import { ENTITIES } from '../schema/entities.js';
import { MIGRATIONS } from '../schema/migrations.js';
import { PostgresNaming } from '../schema/naming.js';
import { driverDetail } from './driver-error.js';
import {
  ANSWER_LIMIT_MS,
  CONNECT_LIMIT_MS,
  type DatabaseOptions,
  DEFAULT_POOL_SIZE,
  IDLE_TRANSACTION_LIMIT_MS,
  STATEMENT_LIMIT_MS,
} from './options.js';
import { QUIET_ORM } from './quiet-orm.js';

const TIME_LIMITS = {
  query_timeout: ANSWER_LIMIT_MS,
  statement_timeout: STATEMENT_LIMIT_MS,
  idle_in_transaction_session_timeout: IDLE_TRANSACTION_LIMIT_MS,
};

/** What serves requests: every statement is limited in time. */
export function servingOptions({ url, poolSize = DEFAULT_POOL_SIZE, log }: DatabaseOptions): DataSourceOptions {
  return { ...baseOptions(url, log), poolSize, extra: { keepAlive: true, ...TIME_LIMITS } };
}

/** What migrates: a change of a large table takes the time it takes. */
export function migratingOptions({ url, log }: DatabaseOptions): DataSourceOptions {
  return { ...baseOptions(url, log), poolSize: 1, extra: { keepAlive: true } };
}

function baseOptions(url: string, log: DatabaseOptions['log']) {
  return {
    type: 'postgres',
    url,
    applicationName: 'mintmark',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    namingStrategy: new PostgresNaming(),
    synchronize: false,
    installExtensions: false,
    logger: QUIET_ORM,
    connectTimeoutMS: CONNECT_LIMIT_MS,
    /** Without a listener the loss of an idle connection would end the process; the pool replaces it by itself. */
    poolErrorHandler: (error: unknown) => log.warn({ reason: driverDetail(error) }, 'lost an idle connection to Postgres'),
  } as const satisfies Partial<DataSourceOptions>;
}
