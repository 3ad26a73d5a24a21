import type { INestApplicationContext } from '@nestjs/common';
import { ConflictError } from '#libs/key-domain';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Client, type Pool } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { aDigest, aFirstAccount, aSecret, anybody, BY } from '../factories.js';
import { openPersistence, portsOf } from './postgres-harness.js';

const KEYS = 20_000;

/** Fills the tables so that reading one of them whole is never the cheapest way. */
const FILL = `
  WITH made AS (
    INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, metadata, allowed_cidrs, enabled, created_by_type, created_by_id)
    SELECT 'key_' || lpad(n::text, 8, '0'), $1, 'key', 'live', '{a:read}', true, '{}', 'default', '{}', '{}', true, 'system', 'fill'
    FROM generate_series(1, ${KEYS}) n RETURNING id
  )
  INSERT INTO secrets (id, account_id, key_id, digest, pepper_id)
  SELECT 'sec' || substr(id, 4), $1, id, sha256(id::bytea), 'p1' FROM made`;

/** Postgres itself counts how it went about what the adapters asked. */
describe('plans', () => {
  let database: FreshDatabase;
  let app: INestApplicationContext;
  let operator: Client;
  const first = aFirstAccount();
  beforeAll(async () => {
    database = await freshDatabase();
    operator = new Client({ connectionString: database.url });
    await operator.connect();
    app = await openPersistence(database.url, { poolSize: 1 });
    await portsOf(app).installation.setUp(first, BY);
    await operator.query(FILL, [first.accountId]);
    await operator.query('VACUUM ANALYZE');
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await operator.end();
    await database.drop();
  });

  /** How many rows were read by going through whole tables while `work` ran. */
  async function rowsReadWhole(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const read = async () => {
      const { rows } = await operator.query<{ relname: string; scanned: number }>(
        `SELECT relname, (seq_scan * 1000000 + seq_tup_read)::float8 AS scanned FROM pg_stat_user_tables WHERE relname IN ('keys', 'secrets')`,
      );
      return Object.fromEntries(rows.map(({ relname, scanned }) => [relname, scanned]));
    };
    await settled();
    const before = await read();
    for (let round = 0; round < 12; round++) await work();
    await settled();
    return Object.fromEntries(Object.entries(await read()).map(([table, scanned]) => [table, scanned - (before[table] ?? 0)]));
  }

  /** Ends the app's only connection, which tells its counts when it goes. */
  async function settled(): Promise<void> {
    await operator.query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await operator.query('SELECT pg_stat_clear_snapshot()');
  }
  const none = { keys: 0, secrets: 0 };
  const some = (n: number) => `key_${String(n).padStart(8, '0')}`;

  test.each([1, 2, 5, 10, 100])('a verification of %d digests reads no table whole', async (digests) => {
    const { lookup } = portsOf(app);
    const asked = Array.from({ length: digests }, () => randomBytes(32));
    expect(await rowsReadWhole(() => lookup.find(asked))).toEqual(none);
  });

  test.each([1, 2, 4, 8])('a verification of %d digests is planned once a connection, not each time', async (digests) => {
    const { lookup } = portsOf(app);
    for (let round = 0; round < 20; round++) await lookup.find(Array.from({ length: digests }, () => randomBytes(32)));
    const { pool } = Reflect.get(lookup, 'database') as { readonly pool: Pool };
    const { rows } = await pool.query('SELECT custom_plans::int FROM pg_prepared_statements WHERE name = $1', [
      `find_${digests}_secrets`,
    ]);
    expect(rows).toEqual([{ custom_plans: 5 }]); // Postgres tries that many before it settles for one plan
  });

  test('no port reads keys or secrets whole', async () => {
    const { keys, rules, upkeep, installation } = portsOf(app);
    const revocation = { reason: 'unspecified', description: null } as const;
    let next = 100;
    const scanned = await rowsReadWhole(async () => {
      await keys.find(first.accountId, some(7));
      await keys.list(first.accountId, {}, { limit: 50, before: null });
      await keys.list(first.accountId, {}, { limit: 50, before: some(10_000) });
      const rotated = await keys.rotate(
        first.accountId,
        some(next),
        { secret: aSecret(), graceSeconds: 60, assertMay: () => undefined },
        BY,
      );
      await keys.endSecret(first.accountId, some(next), rotated?.previous.secretId ?? '', BY);
      await keys.revoke(first.accountId, some(next++), revocation, BY);
      await keys.delete(first.accountId, some(next++), revocation, anybody, BY);
      await rules.rulesOf(first.accountId);
      await upkeep.recordUses([{ secretId: `sec_${String(next).padStart(8, '0')}`, keyId: some(next), at: new Date() }]);
      await upkeep.moveDigest('sec_00000005', aDigest(), aDigest());
      await installation.reconcilePeppers([{ id: 'p1', fingerprint: Uint8Array.of(1) }]);
    });
    expect(scanned).toEqual(none);
  });

  test('taking something out of the catalogue reads no table of keys whole, in use or not', async () => {
    const { catalogue } = portsOf(app);
    const { accountId } = first;
    const scope = { name: 'a:gone', group: 'A', description: '' };
    const format = { name: 'gone', prefix: 'gone', environments: [], encoding: 'hex64' } as const;
    await catalogue.addProduct(accountId, { id: 'listed', name: 'Listed' }, BY);
    await operator.query(`UPDATE keys SET all_products = false, product_ids = '{listed}' WHERE id < 'key_00000050'`);
    const scanned = await rowsReadWhole(async () => {
      await catalogue.addProduct(accountId, { id: 'gone', name: 'Gone' }, BY);
      await catalogue.removeProduct(accountId, 'gone', BY);
      await expect(catalogue.removeProduct(accountId, 'listed', BY)).rejects.toThrow(ConflictError);
      await catalogue.addFormat(accountId, format, BY);
      await catalogue.removeFormat(accountId, 'gone', BY);
      await catalogue.addScope(accountId, scope, BY);
      await catalogue.removeScope(accountId, 'a:gone', BY);
      await catalogue.offer(accountId, ['listed']);
    });
    expect(scanned).toEqual(none);
  });
});
