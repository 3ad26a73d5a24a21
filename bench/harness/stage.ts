import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres/index.js';

/** Where a bench plays: an empty Postgres, set as in production, and a directory, both gone afterwards. */
export interface Stage {
  readonly databaseUrl: string;
  readonly directory: string;
}

/** Clears the stage at the end of `play`, and on SIGINT and SIGTERM. */
export async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mintmark-bench-'));
  const postgres = await EmbeddedPostgres.start({ dataDirectory: directory });
  const clear = async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void clear().finally(() => process.exit(1)));
  try {
    await play({ databaseUrl: postgres.url, directory });
  } finally {
    await clear();
  }
}

/** Lends a connection for as long as `use` takes. */
export async function withDatabase<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export async function postgresVersion(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  return rows[0]?.server_version ?? 'unknown';
}
