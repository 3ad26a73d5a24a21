import type pg from 'pg';

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

/** One row by its key, by a statement that the connection prepares once; returns how long it took, in milliseconds. */
export async function probe(client: pg.Client, digest: Buffer): Promise<number> {
  const began = performance.now();
  const { rowCount } = await client.query({
    name: 'bench_probe',
    text: `SELECT payload FROM ${TABLE} WHERE digest = $1`,
    values: [digest],
  });
  const took = performance.now() - began;
  if (rowCount !== 1) throw new Error('the probe found no row');
  return took;
}
