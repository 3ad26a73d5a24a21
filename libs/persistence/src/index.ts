export { PersistenceModule, type PersistenceOptions } from './persistence.module.js';
export { DatabaseHealth } from './connection/database-health.js';
export { PostgresAccountStore } from './adapters/postgres-account-store.js';
export { PostgresAuditLog } from './adapters/postgres-audit-log.js';
export { PostgresCatalogueStore } from './adapters/postgres-catalogue-store.js';
export { PostgresChangeLogChoice } from './adapters/postgres-change-log-choice.js';
export { PostgresChangeOutbox } from './adapters/postgres-change-outbox.js';
export { PostgresIdentityStore } from './adapters/postgres-identity-store.js';
export { PostgresIdempotencyStore } from './adapters/postgres-idempotency-store.js';
export { PostgresInstallationStore } from './adapters/postgres-installation-store.js';
export { PostgresInvitationStore } from './adapters/postgres-invitation-store.js';
export { PostgresKeyImportStore } from './adapters/postgres-key-import-store.js';
export { PostgresKeyNotices } from './adapters/postgres-key-notices.js';
export { PostgresKeyStore } from './adapters/postgres-key-store.js';
export { PostgresLimitLedger } from './adapters/postgres-limit-ledger.js';
export {
  ATTEMPTS_BY_ADDRESS,
  FAILURES_BY_EMAIL,
  FAILURES_BY_EMAIL_ANYWHERE,
  PostgresLoginThrottle,
  WINDOW_SECONDS,
} from './adapters/postgres-login-throttle.js';
export { PostgresMemberStore } from './adapters/postgres-member-store.js';
export { PostgresPeopleStore } from './adapters/postgres-people-store.js';
export { PostgresQuotaNotices } from './adapters/postgres-quota-notices.js';
export { PostgresSecretLookup } from './adapters/postgres-secret-lookup.js';
export { PostgresSecretUpkeep } from './adapters/postgres-secret-upkeep.js';
export { PostgresStorageUpkeep } from './adapters/postgres-storage-upkeep.js';
export { PostgresTokenRulesSource } from './adapters/postgres-token-rules-source.js';
export { PostgresUsageStore } from './adapters/postgres-usage-store.js';
export { PostgresWebhookOutbox } from './adapters/postgres-webhook-outbox.js';
export { PostgresWebhookStore } from './adapters/postgres-webhook-store.js';
export { openDatabase } from './open-database.js';
export { migrate, revertLastMigration } from './schema/migrate.js';
export { pendingMigrations } from './schema/wait-for-schema.js';
