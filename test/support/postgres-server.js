import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../dist/apps/standalone/src/embedded-postgres/index.js';

/** Faster, and nothing in it outlives the run. */
const VOLATILE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 400 };

/**
 * The server of one run: the one that MINTMARK_TEST_POSTGRES_URL names, or an embedded one in `directory`.
 * @returns its URL, under a role that may create databases, and how to be rid of it
 */
export async function startTestPostgres(directory) {
  const given = process.env.MINTMARK_TEST_POSTGRES_URL;
  if (given) return { url: given, logFile: null, stop: () => Promise.resolve() };
  const dataDirectory = join(directory, 'of-the-run');
  mkdirSync(dataDirectory);
  const server = await EmbeddedPostgres.start({ dataDirectory, durable: false, settings: VOLATILE });
  await allowNewDatabases(server);
  return { url: server.url, logFile: join(dataDirectory, 'postgres.log'), stop: () => server.stop() };
}

async function allowNewDatabases(server) {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  await client.query('ALTER ROLE mintmark CREATEDB');
  await client.end();
}
