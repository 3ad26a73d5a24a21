import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { dropDatabase } from './drop-database.js';

/** Writes every row of every table of the run's test databases to the run's `dumps/`, and drops the databases. */
export async function dumpDatabases(serverUrl) {
  const prefix = process.env.MINTMARK_TEST_DATABASE_PREFIX;
  const names = await query(serverUrl, 'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [prefix]);
  for (const { name } of names) {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await dumpDatabase(url.href, join(process.env.MINTMARK_TEST_RUN, 'dumps', `${name}.txt`));
    await dropDatabase(serverUrl, name);
  }
}

/** Rows as Postgres writes them as text: bytes as `\x…`. */
async function dumpDatabase(url, file) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const out = createWriteStream(file);
  const { rows } = await client.query(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
  );
  for (const { name } of rows) {
    out.write(`table ${name}\n`);
    const table = await client.query(`SELECT t::text AS row FROM ${name} t`);
    for (const { row } of table.rows) out.write(`${row}\n`);
  }
  out.end();
  await finished(out);
  await client.end();
}

async function query(url, text, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
