import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../dist/apps/standalone/src/embedded-postgres/index.js';
import { commandLine, startTime } from '../../dist/apps/standalone/src/other-process/other-process.js';

const PREFIX = 'mintmark-test-';
/** Faster, and nothing in it outlives the run. */
const VOLATILE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 400 };

/**
 * The server of one run: the one that MINTMARK_TEST_POSTGRES_URL names, or an embedded one of its own.
 * @returns its URL, under a role that may create databases, and how to be rid of it
 */
export async function startTestPostgres() {
  const given = process.env.MINTMARK_TEST_POSTGRES_URL;
  if (given) return { url: given, logFile: null, stop: async () => undefined };
  removeAbandoned();
  const dataDirectory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = await EmbeddedPostgres.start({ dataDirectory, durable: false, settings: VOLATILE });
  await allowNewDatabases(server);
  const stop = async () => {
    await server.stop();
    rmSync(dataDirectory, { recursive: true });
  };
  return { url: server.url, logFile: join(dataDirectory, 'postgres.log'), stop };
}

async function allowNewDatabases(server) {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  await client.query('ALTER ROLE mintmark CREATEDB');
  await client.end();
}

/** What runs left that were killed themselves. */
function removeAbandoned() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (startTime(owner) !== null) continue;
    const directory = join(tmpdir(), name);
    killServerOf(join(directory, 'postgres'));
    rmSync(directory, { recursive: true, force: true });
  }
}

function killServerOf(cluster) {
  let pid;
  try {
    pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (commandLine(pid).includes(cluster)) process.kill(pid, 'SIGQUIT');
}
