import type { KeyFilter } from '#libs/key-domain';
import { PostgresKeyStore } from '#libs/persistence';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { aFirstAccount, BY } from '../factories.js';
import { openPersistence, portsOf } from './postgres-harness.js';

const KEYS = 30_000;
const DAY_MS = 86_400_000;

/** Keys of three years, of which every filter leaves some. */
const FILL = `
  INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs, enabled,
    expires_at, created_at, created_by_type, created_by_id, revoked_at, revocation_reason)
  SELECT 'key_' || lpad(n::text, 8, '0'), $1, 'warehouse export team' || n % 900, CASE WHEN n % 5 = 0 THEN 'test' ELSE 'live' END,
    CASE WHEN n % 500 = 1 THEN ARRAY['*'] ELSE ARRAY['r' || n % 10 || ':a' || n / 10 % 10] END, n % 10 = 3,
    CASE WHEN n % 10 = 3 THEN '{}' ELSE ARRAY['product-' || n % 50] END, 'default', 'customer-' || n % 2000, '{}', '{}', n % 50 <> 7,
    CASE WHEN n % 100 < 30 THEN now() + (n / 100 % 400 - 40) * interval '1 day' END,
    now() - (${KEYS} - n) * interval '3 years' / ${KEYS}, 'system', 'fill',
    CASE WHEN n % 20 = 11 THEN now() END, CASE WHEN n % 20 = 11 THEN 'superseded' END
  FROM generate_series(1, ${KEYS}) n`;
const FILL_SECRETS = `
  INSERT INTO secrets (id, account_id, key_id, digest, pepper_id, last_four, created_at, last_used_at, used_day)
  SELECT 'sec' || substr(id, 4), account_id, id, sha256(id::bytea), 'p1', right(md5(id), 4), made, used,
    (coalesce(used, created_at) AT TIME ZONE 'UTC')::date
  FROM (SELECT *, CASE WHEN enabled THEN greatest(created_at, now() - right(id, 2)::int * interval '2 days') ELSE created_at END AS made,
          CASE WHEN id !~ '7$' THEN now() - right(id, 2)::int * interval '3 days' END AS used FROM keys WHERE created_by_id = 'fill') filled`;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Asks Postgres how it goes about what the adapter asks it. */
describe('a list of many keys', () => {
  let database: FreshDatabase;
  let app: INestApplicationContext;
  let operator: Client;
  let middle: string;
  const asked: { readonly statement: string; readonly values: unknown[] }[] = [];
  const first = aFirstAccount();

  beforeAll(async () => {
    database = await freshDatabase();
    operator = new Client({ connectionString: database.url });
    await operator.connect();
    app = await openPersistence(database.url, { poolSize: 1 });
    await portsOf(app).installation.setUp(first, BY);
    await operator.query(FILL, [first.accountId]);
    await operator.query(FILL_SECRETS);
    await operator.query('VACUUM ANALYZE');
    const { rows } = await operator.query<{ id: string }>(`SELECT id FROM keys ORDER BY id OFFSET ${KEYS / 2} LIMIT 1`);
    middle = rows[0]?.id ?? '';
    const { dataSource } = Reflect.get(app.get(PostgresKeyStore), 'database') as { readonly dataSource: DataSource };
    const logQuery = (statement: string, values: unknown[] = []) => asked.push({ statement, values });
    dataSource.logger = { ...dataSource.logger, logQuery };
  }, 120_000);
  afterAll(async () => {
    await app.close();
    await operator.end();
    await database.drop();
  });

  /** Every node of the plans of all statements that a page takes. */
  async function planned(filter: KeyFilter, before: string | null): Promise<PlanNode[]> {
    asked.length = 0;
    const { keys } = await app.get(PostgresKeyStore).list(first.accountId, filter, { limit: 50, before });
    expect(keys.length).toBeGreaterThan(0);
    expect(asked.length).toBeGreaterThan(0);
    const plans: PlanNode[] = [];
    for (const { statement, values } of asked) {
      const { rows } = await operator.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
        `EXPLAIN (FORMAT JSON) ${statement}`,
        values,
      );
      plans.push(...rows.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => Plan)));
    }
    return plans.flatMap(withinPlan);
  }

  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  test.each<[string, KeyFilter]>([
    ['keys_account_id_id_key or keys_pkey', {}], // where nearly all keys are of one account either is as good
    ['keys_expiry_month_idx', { status: 'active' }],
    ['keys_disabled_idx', { status: 'disabled' }],
    ['keys_revoked_idx', { status: 'revoked' }],
    ['keys_expiry_month_idx', { status: 'expired' }],
    ['keys_expiry_day_idx', { status: 'expired' }],
    ['keys_account_id_environment_id_idx', { environment: 'test' }],
    ['keys_account_id_owner_id_id_idx', { ownerId: 'customer-42' }],
    ['key_terms_pkey', { productId: 'product-7' }],
    ['key_terms_pkey', { scope: 'r3:a4' }],
    ['key_terms_pkey', { scope: '*' }],
    ['key_terms_pkey', { search: 'ware' }],
    ['secrets_last_four_idx', { search: 'team42' }],
    ['keys_account_id_id_key or keys_pkey', { search: 'team' }],
    ['keys_expiry_month_idx', { expiresBefore: ago(-30) }],
    ['keys_expiry_day_idx', { expiresBefore: ago(-30) }],
    ['secrets_used_month_idx', { unusedSince: ago(90) }],
    ['secrets_used_day_idx', { unusedSince: ago(90) }],
    ['secrets_made_month_idx', { rotationDue: true }],
    ['secrets_made_day_idx', { rotationDue: true }],
    ['secrets_made_month_idx', { rotationDue: false }],
    ['keys_revoked_idx', { status: 'revoked', rotationDue: true }],
  ])('%s serves %j, on its first page and in its middle, and no table is read whole', async (index, filter) => {
    for (const before of filter.ownerId === undefined ? [null, middle] : [null]) {
      const nodes = await planned(filter, before);
      expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'])).not.toContainEqual(
        expect.stringMatching(/^(keys|secrets|key_terms)$/),
      );
      const used = nodes.map((node) => node['Index Name']);
      expect(index.split(' or ').filter((name) => used.includes(name))).not.toEqual([]);
    }
  });
});

function withinPlan(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withinPlan)];
}
