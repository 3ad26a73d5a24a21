import type pg from 'pg';

/** What keys in large numbers are made of: as many of each kind as accounts have, and evenly mixed. */
export const SPREAD = { owners: 20_000, products: 50, scopes: 100, words: 1_000 } as const;

const WORDS = 'billing,export,deploy,import,mobile,partner,report,search,stock,warehouse';

/** Crockford's base32 in lower case, of 48 bits. */
const TIME_TEXT = Array.from(
  { length: 10 },
  (_, place) => `substr('0123456789abcdefghjkmnpqrstvwxyz', ((ms >> ${5 * (9 - place)}) & 31)::int + 1, 1)`,
).join(' || ');

/** Keys of three years, the oldest first: 5 % revoked, 2 % disabled, 3 % expired, 2 % of one owner, a fifth of them for testing. */
const KEYS = `
  INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs,
    enabled, expires_at, created_at, created_by_type, created_by_id, revoked_at, revocation_reason)
  SELECT 'key_' || ${TIME_TEXT} || substr(md5(n::text), 1, 16), $1,
    (string_to_array('${WORDS}', ','))[1 + n % 10] || ' team' || n * 7919 % ${SPREAD.words - 20} || ' eu' || n % 10,
    CASE WHEN n % 5 = 0 THEN 'test' ELSE 'live' END,
    CASE WHEN n % 50 = 1 THEN ARRAY['*'] WHEN n % 100 = 2 THEN ARRAY['r' || n / 100 % 10 || ':*']
      ELSE ARRAY['r' || n * 31 % 10 || ':a' || n * 17 / 10 % 10, 'r' || n % 10 || ':a' || n / 10 % 10] END,
    n % 10 = 3, CASE WHEN n % 10 = 3 THEN '{}' ELSE ARRAY['product-' || n * 13 % ${SPREAD.products}] END,
    'default', 'customer-' || CASE WHEN n % 50 = 3 THEN 0 ELSE n * 7919 % ${SPREAD.owners} END, '{}', '{}', n % 50 <> 7,
    CASE WHEN n % 100 < 3 THEN now() - (1 + n / 100 % 300) * interval '1 day'
      WHEN n % 100 < 30 THEN now() + (1 + n / 100 % 365) * interval '1 day' END,
    to_timestamp(ms / 1000.0), 'system', 'fill',
    CASE WHEN n % 20 = 11 THEN now() - (n / 20 % 500) * interval '1 day' END, CASE WHEN n % 20 = 11 THEN 'superseded' END
  FROM (SELECT n, (extract(epoch FROM now()) * 1000)::bigint - 94608000000 + n * 94600000000 / $2 AS ms
        FROM generate_series(1, $2::bigint) n) made`;

/** Their secrets: three in five rotated lately, one in seven never used, one in ten silent for months, all others used lately. */
const SECRETS = `
  INSERT INTO secrets (id, account_id, key_id, digest, pepper_id, last_four, created_at, last_used_at, used_day, key_made_at)
  SELECT 'sec' || substr(k.id, 4), k.account_id, k.id, sha256(k.id::bytea), 'p1', right(md5(k.id), 4), made, used,
    (coalesce(used, created_at) AT TIME ZONE 'UTC')::date, created_at
  FROM (SELECT id, account_id, created_at, hash % 5 < 3 AS rotated, hash,
          CASE WHEN hash % 5 < 3 THEN greatest(created_at, now() - hash / 5 % 80 * interval '1 day') ELSE created_at END AS made,
          CASE WHEN hash % 7 <> 0 THEN greatest(created_at,
            now() - (CASE WHEN hash % 10 = 0 THEN 95 + hash % 400 ELSE hash / 70 % 30 END) * interval '1 day') END AS used
        FROM (SELECT *, abs(hashtext(id)::bigint) AS hash FROM keys WHERE created_by_id = 'fill') hashed) k`;

const TERMS = `
  INSERT INTO key_terms SELECT k.account_id, term, k.id
  FROM keys k, key_terms_of(k.name, k.scopes, k.all_products, k.product_ids) term WHERE k.created_by_id = 'fill'`;

const TABLES = `('keys'::regclass, 'secrets'::regclass, 'key_terms'::regclass)`;

/**
 * Fills the tables with keys of one account. Indexes and constraints are made anew afterwards, and references are not
 * checked: row by row it would take hours.
 * @param client of the role that owns the tables
 */
export async function fillWithKeys(client: pg.Client, accountId: string, count: number): Promise<void> {
  await client.query(`SET maintenance_work_mem = '512MB'`);
  const restore = await dropConstraints(client);
  await client.query('ALTER TABLE keys DISABLE TRIGGER USER');
  for (const [statement, values] of [[KEYS, [accountId, count]], [SECRETS], [TERMS]] as const) {
    await client.query(statement, values === undefined ? [] : [...values]);
  }
  await client.query('ALTER TABLE keys ENABLE TRIGGER USER');
  for (const statement of restore) await client.query(statement);
  for (const table of ['keys', 'secrets', 'key_terms']) await client.query(`VACUUM ANALYZE ${table}`);
}

/** @returns what makes them again */
async function dropConstraints(client: pg.Client): Promise<string[]> {
  const { rows: constraints } = await client.query<{ readonly table: string; readonly name: string; readonly made: string }>(`
    SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name,
      pg_get_constraintdef(oid) || CASE WHEN contype = 'f' THEN ' NOT VALID' ELSE '' END AS made
    FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND (conrelid IN ${TABLES} OR confrelid IN ${TABLES})
    ORDER BY array_position(ARRAY['f', 'u', 'p'], contype::text)`);
  for (const { table, name } of constraints) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  const { rows: indexes } = await client.query<{ readonly name: string; readonly made: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index WHERE indrelid IN ${TABLES}`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  const again = constraints.map(({ table, name, made }) => `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${made}`);
  return [...indexes.map(({ made }) => made), ...again.toReversed()];
}
