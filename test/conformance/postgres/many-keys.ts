import type { INestApplicationContext } from '@nestjs/common';
import { PostgresKeyStore } from '#libs/persistence';
import { Client, type Pool, type PoolClient } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { aFirstAccount, BY } from '../factories.js';
import { openPersistence, portsOf } from './postgres-harness.js';

const KEYS = 30_000;

/** Keys of three years, of which every filter leaves some. Every third has a quota. */
const FILL = `
  INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs, limits, enabled,
    expires_at, created_at, created_by_type, created_by_id, revoked_at, revocation_reason)
  SELECT 'key_' || lpad(n::text, 8, '0'), $1, 'warehouse export team' || n % 900, CASE WHEN n % 5 = 0 THEN 'test' ELSE 'live' END,
    CASE WHEN n % 500 = 1 THEN ARRAY['*'] ELSE ARRAY['r' || n % 10 || ':a' || n / 10 % 10] END, n % 10 = 3,
    CASE WHEN n % 10 = 3 THEN '{}' ELSE ARRAY['product-' || n % 50] END, 'default', 'customer-' || n % 2000, '{}', '{}',
    CASE WHEN n % 3 = 0 THEN jsonb '{"rateLimits": [], "quota": {"refill": null}}' END, n % 50 <> 7,
    CASE WHEN n % 100 < 30 THEN now() + (n / 100 % 400 - 40) * interval '1 day' END,
    now() - (${KEYS} - n) * interval '3 years' / ${KEYS}, 'system', 'fill',
    CASE WHEN n % 20 = 11 THEN now() END, CASE WHEN n % 20 = 11 THEN 'superseded' END
  FROM generate_series(1, ${KEYS}) n`;
const FILL_COUNTERS = `INSERT INTO limit_counters (key_id, credits) SELECT id, 1000 FROM keys WHERE limits IS NOT NULL`;
const FILL_SECRETS = `
  INSERT INTO secrets (id, account_id, key_id, digest, pepper_id, last_four, created_at, last_used_at, used_day, key_made_at)
  SELECT 'sec' || substr(id, 4), account_id, id, sha256(id::bytea), 'p1', right(md5(id), 4), made, used,
    (coalesce(used, created_at) AT TIME ZONE 'UTC')::date, created_at
  FROM (SELECT *, CASE WHEN enabled THEN greatest(created_at, now() - right(id, 2)::int * interval '2 days') ELSE created_at END AS made,
          CASE WHEN id !~ '7$' THEN now() - right(id, 2)::int * interval '3 days' END AS used FROM keys WHERE created_by_id = 'fill') filled`;

export interface Asked {
  readonly statement: string;
  readonly values: readonly unknown[];
}

/** What a node of a plan tells; rows and loops only where it was carried out. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** An account of many keys, the adapters on it, and what those ask of Postgres. */
export class ManyKeys {
  private constructor(
    private readonly database: FreshDatabase,
    readonly operator: Client,
    readonly app: INestApplicationContext,
    readonly accountId: string,
    private readonly asked: Asked[],
  ) {}

  /** @param isKnown whether Postgres has looked at how many they are; if not, it takes the tables beside that of keys for empty */
  static async start({ isKnown = true } = {}): Promise<ManyKeys> {
    const database = await freshDatabase();
    const operator = new Client({ connectionString: database.url });
    await operator.connect();
    const app = await openPersistence(database.url, { poolSize: 1 });
    const first = aFirstAccount();
    await portsOf(app).installation.setUp(first, BY);
    if (!isKnown) await operator.query('VACUUM ANALYZE');
    await operator.query(FILL, [first.accountId]);
    if (!isKnown) await operator.query('ANALYZE keys'); // by which foreign keys are checked quickly
    await operator.query(FILL_SECRETS);
    await operator.query(FILL_COUNTERS);
    if (isKnown) await operator.query('VACUUM ANALYZE');
    return new ManyKeys(database, operator, app, first.accountId, await noteStatements(app));
  }

  /** The key that so many are older than. */
  async keyAfter(count: number): Promise<string> {
    const { rows } = await this.operator.query<{ id: string }>('SELECT id FROM keys ORDER BY id OFFSET $1 LIMIT 1', [count]);
    return rows[0]?.id ?? '';
  }

  /** Every statement that `work` asks. */
  async statementsOf(work: () => Promise<unknown>): Promise<readonly Asked[]> {
    this.asked.length = 0;
    await work();
    return [...this.asked];
  }

  /** Every node of the plans of statements. */
  async plansOf(asked: readonly Asked[]): Promise<PlanNode[]> {
    const plans = [];
    for (const one of asked) plans.push(...(await this.#explain('FORMAT JSON', one)));
    return plans;
  }

  /** The same of a statement as it goes when it is carried out, which it is not for good. */
  async carriedOut(asked: Asked): Promise<PlanNode[]> {
    await this.operator.query('BEGIN');
    try {
      return await this.#explain('ANALYZE, FORMAT JSON', asked);
    } finally {
      await this.operator.query('ROLLBACK');
    }
  }

  async #explain(options: string, { statement, values }: Asked): Promise<PlanNode[]> {
    const { rows } = await this.operator.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `EXPLAIN (${options}) ${statement}`,
      [...values],
    );
    return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => withinPlan(Plan)));
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.operator.end();
    await this.database.drop();
  }
}

/** How many rows of a table, or entries of its indexes, were read. */
export function rowsRead(plan: readonly PlanNode[], table: string): number {
  return plan
    .filter((node) => node['Relation Name'] === table && node['Node Type'].endsWith('Scan'))
    .map((node) => {
      const each = [node['Actual Rows'], node['Rows Removed by Filter'], node['Rows Removed by Index Recheck']];
      return each.reduce<number>((sum, rows) => sum + (rows ?? 0), 0) * (node['Actual Loops'] ?? 0);
    })
    .reduce((sum, rows) => sum + rows, 0);
}

/** The tables that are read whole. */
export function readWhole(plan: readonly PlanNode[]): readonly (string | undefined)[] {
  return plan.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
}

function withinPlan(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withinPlan)];
}

/** Has every connection of the app tell what it is asked, whoever asks. */
async function noteStatements(app: INestApplicationContext): Promise<Asked[]> {
  const { pool } = Reflect.get(app.get(PostgresKeyStore), 'database') as { readonly pool: Pool };
  const asked: Asked[] = [];
  const listen = (client: PoolClient) => {
    const query = Reflect.get(client, 'query') as (...question: readonly unknown[]) => unknown;
    Reflect.set(client, 'query', (...question: readonly unknown[]) => {
      const { text, values } = statementOf(question);
      if (/^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(text)) asked.push({ statement: text, values });
      return query.apply(client, [...question]);
    });
  };
  const open = await pool.connect();
  listen(open);
  open.release();
  pool.on('connect', listen);
  return asked;
}

/** As pg takes it: a text with its values, or both in one. */
function statementOf([first, second]: readonly unknown[]): { readonly text: string; readonly values: readonly unknown[] } {
  const { text = String(first), values = second } = first as { readonly text?: string; readonly values?: unknown };
  return { text, values: Array.isArray(values) ? values : [] };
}
