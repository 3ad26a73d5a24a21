import { newId, STARTING_FORMATS } from '#libs/key-domain';
import { createLog } from '#libs/observability';
import {
  PersistenceModule,
  type PersistenceOptions,
  PostgresAccountStore,
  PostgresAuditLog,
  PostgresCatalogueStore,
  PostgresChangeLogChoice,
  PostgresChangeOutbox,
  PostgresIdempotencyStore,
  PostgresIdentityStore,
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
  PostgresTokenRulesSource,
  PostgresUsageStore,
  PostgresWebhookOutbox,
  PostgresWebhookStore,
} from '#libs/persistence';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import type { StorageHarness, StoragePorts } from '../harness.js';

/** The ports on Postgres, and where it is. */
export interface PostgresHarness extends StorageHarness {
  readonly url: string;
}

/** A database of its own for one installation. */
interface Installation {
  readonly database: FreshDatabase;
  readonly app: INestApplicationContext;
}

export function openPersistence(url: string, options: Partial<PersistenceOptions> = {}): Promise<INestApplicationContext> {
  const log = createLog('conformance', { write: () => undefined });
  const module = PersistenceModule.forRoot({ url, migrate: 'run', log, ...options });
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}

export function portsOf(app: INestApplicationContext): StoragePorts {
  return {
    accounts: app.get(PostgresAccountStore),
    audit: app.get(PostgresAuditLog),
    catalogue: app.get(PostgresCatalogueStore),
    idempotency: app.get(PostgresIdempotencyStore),
    identities: app.get(PostgresIdentityStore),
    installation: app.get(PostgresInstallationStore),
    invitations: app.get(PostgresInvitationStore),
    imports: app.get(PostgresKeyImportStore),
    keys: app.get(PostgresKeyStore),
    ledger: app.get(PostgresLimitLedger),
    logChoice: app.get(PostgresChangeLogChoice),
    notices: app.get(PostgresKeyNotices),
    outbox: app.get(PostgresChangeOutbox),
    lookup: app.get(PostgresSecretLookup),
    members: app.get(PostgresMemberStore),
    people: app.get(PostgresPeopleStore),
    quotaNotices: app.get(PostgresQuotaNotices),
    rules: app.get(PostgresTokenRulesSource),
    throttle: app.get(PostgresLoginThrottle),
    upkeep: app.get(PostgresSecretUpkeep),
    usage: app.get(PostgresUsageStore),
    webhookOutbox: app.get(PostgresWebhookOutbox),
    webhooks: app.get(PostgresWebhookStore),
  };
}

async function install(): Promise<Installation> {
  const database = await freshDatabase();
  return { database, app: await openPersistence(database.url) };
}

export async function postgresHarness(): Promise<PostgresHarness> {
  const main = await install();
  const installations = [main];
  const client = new Client({ connectionString: main.database.url });
  await client.connect();
  const ports = portsOf(main.app);
  const run = async (statement: string, values: unknown[]): Promise<void> => {
    await client.query(statement, values);
  };

  return {
    ...ports,
    url: main.database.url,
    async account() {
      const id = newId('acc');
      await client.query('BEGIN');
      await run('INSERT INTO accounts (id, name, default_format) VALUES ($1, $2, $3)', [id, 'Acme', 'default']);
      for (const { name, prefix, environments, encoding } of STARTING_FORMATS) {
        await run('INSERT INTO key_formats (account_id, name, prefix, environments, encoding) VALUES ($1, $2, $3, $4, $5)', [
          id,
          name,
          prefix,
          environments,
          encoding,
        ]);
      }
      await client.query('COMMIT');
      return id;
    },
    suspend: (accountId) => run(`UPDATE accounts SET status = 'suspended' WHERE id = $1`, [accountId]),
    async person({ email, passwordHash }, memberships) {
      const id = newId('usr');
      await run('INSERT INTO people (id, email, email_folded, password_hash) VALUES ($1, $2, $3, $4)', [
        id,
        email,
        email.toLowerCase(),
        passwordHash,
      ]);
      for (const { accountId, role } of memberships) {
        await run('INSERT INTO memberships (person_id, account_id, role) VALUES ($1, $2, $3)', [id, accountId, role]);
      }
      return id;
    },
    countedEarlier: (keyId, hours) =>
      run('UPDATE limit_counters SET counted_at = counted_at - make_interval(hours => $2) WHERE key_id = $1', [keyId, hours]),
    disable: (keyId) => run('UPDATE keys SET enabled = false WHERE id = $1', [keyId]),
    setCredits: (keyId, credits) => run('INSERT INTO limit_counters (key_id, credits) VALUES ($1, $2)', [keyId, credits]),
    forgetWebhooks: () => run('DELETE FROM webhooks', []),
    passRounds: (hours) =>
      run(
        `UPDATE notice_rounds SET next_at = clock_timestamp(),
           reached = reached - make_interval(hours => $1), whole_at = whole_at - make_interval(hours => $1)`,
        [hours],
      ),
    rotateAfter: (accountId, days) => run('UPDATE accounts SET rotation_days = $2 WHERE id = $1', [accountId, days]),
    async backdate(keyId, { key, newestSecret }) {
      await run('UPDATE keys SET created_at = $2 WHERE id = $1', [keyId, key]);
      await run('UPDATE secrets SET created_at = $2 WHERE key_id = $1', [keyId, key]);
      await run('UPDATE secrets SET created_at = $2 WHERE key_id = $1 AND newest', [keyId, newestSecret]);
      await run(
        `UPDATE secrets SET used_day = ($2::timestamptz AT TIME ZONE 'UTC')::date, key_made_at = $2
         WHERE key_id = $1 AND last_used_at IS NULL`,
        [keyId, key],
      );
    },
    async manyKeys(accountId, count) {
      await run(
        `INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, metadata, allowed_cidrs, enabled,
           created_by_type, created_by_id)
         SELECT $1 || '_' || n, $1, 'many', 'live', '{a:read}', false, '{}', 'default', '{}', '{}', true, 'system', 'many'
         FROM generate_series(1, $2) n`,
        [accountId, count],
      );
    },
    endSecret: (secretId, endsAt) => run('UPDATE secrets SET ends_at = $2 WHERE id = $1', [secretId, endsAt]),
    async addSecret({ id, accountId, keyId, digest, pepperId, endsAt, imported }) {
      await run('UPDATE secrets SET newest = false WHERE key_id = $1', [keyId]);
      await run(
        'INSERT INTO secrets (id, account_id, key_id, digest, pepper_id, ends_at, imported) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [id, accountId, keyId, digest, pepperId, endsAt, imported],
      );
    },
    noteChanges: (count) =>
      run(
        `WITH numbered AS (UPDATE change_journal SET head = head + $1 RETURNING head)
         INSERT INTO changes (place, kind, account_id, key_id, handles)
         SELECT head - $1 + n, 'all', '', '', '{}' FROM numbered, generate_series(1, $1) n`,
        [count],
      ),
    async places() {
      const { rows } = await client.query<{ place: number }>('SELECT place::float8 AS place FROM changes ORDER BY place');
      return rows.map(({ place }) => place);
    },
    openedEarlier: (sessionId, seconds) =>
      run("UPDATE sessions SET created_at = created_at - $2 * interval '1 second' WHERE id = $1", [sessionId, seconds]),
    passTime: (accountId, seconds) =>
      run(
        `UPDATE idempotency_records
         SET created_at = created_at - $2 * interval '1 second', begun_at = begun_at - $2 * interval '1 second'
         WHERE account_id = $1`,
        [accountId, seconds],
      ),
    async idempotencyRecords(accountId) {
      const { rowCount } = await client.query('SELECT FROM idempotency_records WHERE account_id = $1', [accountId]);
      return rowCount ?? 0;
    },
    revokeSecret: (secretId) => run('UPDATE secrets SET revoked_at = clock_timestamp() WHERE id = $1', [secretId]),
    async empty() {
      const installation = await install();
      installations.push(installation);
      return portsOf(installation.app);
    },
    async close() {
      await client.end();
      for (const { app, database } of installations) {
        await app.close();
        await database.drop();
      }
    },
  };
}
