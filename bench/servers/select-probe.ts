import type pg from 'pg';

/** Connections that the no-op server keeps: pg's own default, which the verifier keeps too. */
export const POOL_SIZE = 10;

const TABLE = 'bench_probe';

/** A table of the bench's own, with as much in a row as a verification needs, so that the schema under test may change. */
export async function prepareProbe(client: pg.Client, digests: readonly Buffer[], payload: object): Promise<void> {
  await client.query(`CREATE TABLE IF NOT EXISTS ${TABLE} (digest bytea PRIMARY KEY, payload jsonb NOT NULL)`);
  const rows = digests.map((digest) => digest.toString('hex'));
  await client.query(
    `INSERT INTO ${TABLE} SELECT decode(hex, 'hex'), $2::jsonb FROM unnest($1::text[]) AS hex ON CONFLICT DO NOTHING`,
    [rows, JSON.stringify(payload)],
  );
  await client.query(`ANALYZE ${TABLE}`);
}

/** One row by its key, by a statement that each connection prepares once. */
export async function probe(pool: pg.Pool, digest: Buffer): Promise<void> {
  const { rowCount } = await pool.query({
    name: 'bench_probe',
    text: `SELECT payload FROM ${TABLE} WHERE digest = $1`,
    values: [digest],
  });
  if (rowCount !== 1) throw new Error('the probe found no row');
}
