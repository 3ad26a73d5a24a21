import { createLog, type Log } from '#libs/observability';
import { type DynamicModule, Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { PostgresAccountStore } from './adapters/postgres-account-store.js';
import { PostgresAuditLog } from './adapters/postgres-audit-log.js';
import { PostgresCatalogueStore } from './adapters/postgres-catalogue-store.js';
import { PostgresChangeLogChoice } from './adapters/postgres-change-log-choice.js';
import { PostgresChangeOutbox } from './adapters/postgres-change-outbox.js';
import { PostgresIdentityStore } from './adapters/postgres-identity-store.js';
import { PostgresIdempotencyStore } from './adapters/postgres-idempotency-store.js';
import { PostgresInstallationStore } from './adapters/postgres-installation-store.js';
import { PostgresInvitationStore } from './adapters/postgres-invitation-store.js';
import { PostgresKeyImportStore } from './adapters/postgres-key-import-store.js';
import { PostgresKeyNotices } from './adapters/postgres-key-notices.js';
import { PostgresKeyStore } from './adapters/postgres-key-store.js';
import { PostgresLimitLedger } from './adapters/postgres-limit-ledger.js';
import { PostgresLoginThrottle } from './adapters/postgres-login-throttle.js';
import { PostgresMemberStore } from './adapters/postgres-member-store.js';
import { PostgresPeopleStore } from './adapters/postgres-people-store.js';
import { PostgresQuotaNotices } from './adapters/postgres-quota-notices.js';
import { PostgresSecretLookup } from './adapters/postgres-secret-lookup.js';
import { PostgresSecretUpkeep } from './adapters/postgres-secret-upkeep.js';
import { PostgresStorageUpkeep } from './adapters/postgres-storage-upkeep.js';
import { PostgresTokenRulesSource } from './adapters/postgres-token-rules-source.js';
import { PostgresUsageStore } from './adapters/postgres-usage-store.js';
import { PostgresWebhookOutbox } from './adapters/postgres-webhook-outbox.js';
import { PostgresWebhookStore } from './adapters/postgres-webhook-store.js';
import { servingOptions } from './connection/data-source-options.js';
import { DatabaseHealth } from './connection/database-health.js';
import { Database } from './connection/database.js';
import type { DatabaseOptions } from './connection/options.js';
import { openDatabase, type SchemaTreatment } from './open-database.js';

export interface PersistenceOptions extends Omit<DatabaseOptions, 'log'> {
  readonly migrate: SchemaTreatment;
  /** A log of its own if absent. */
  readonly log?: Log;
}

const ADAPTERS = [
  DatabaseHealth,
  PostgresAccountStore,
  PostgresAuditLog,
  PostgresCatalogueStore,
  PostgresChangeLogChoice,
  PostgresChangeOutbox,
  PostgresIdentityStore,
  PostgresIdempotencyStore,
  PostgresInstallationStore,
  PostgresInvitationStore,
  PostgresKeyImportStore,
  PostgresKeyNotices,
  PostgresKeyStore,
  PostgresLimitLedger,
  PostgresLoginThrottle,
  PostgresMemberStore,
  PostgresPeopleStore,
  PostgresQuotaNotices,
  PostgresSecretLookup,
  PostgresSecretUpkeep,
  PostgresStorageUpkeep,
  PostgresTokenRulesSource,
  PostgresUsageStore,
  PostgresWebhookOutbox,
  PostgresWebhookStore,
];

/** The adapters of the storage ports on Postgres, injectable everywhere; an app binds ports to them. */
@Module({})
export class PersistenceModule {
  static forRoot(options: PersistenceOptions): DynamicModule {
    const database = { ...options, log: options.log ?? createLog('persistence') };
    const name = randomUUID(); // one process may hold several apps, each with a database of its own
    return {
      module: PersistenceModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          name,
          useFactory: () => ({ ...servingOptions(database), toRetry: () => false }),
          dataSourceFactory: () => openDatabase(database),
        }),
      ],
      providers: [
        {
          provide: Database,
          useFactory: (dataSource: DataSource) => new Database(dataSource),
          inject: [getDataSourceToken(name)],
        },
        ...ADAPTERS,
      ],
      exports: ADAPTERS,
    };
  }
}
