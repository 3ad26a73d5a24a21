import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** SQLSTATE. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Drops a database whoever is connected to it. Autovacuum may be at work in it, which nobody but a superuser can end: it ends soon
 * by itself.
 */
export async function dropDatabase(serverUrl, name) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await dropNow(serverUrl, name);
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE || attempt === 50) throw error;
      await sleep(200);
    }
  }
}

async function dropNow(serverUrl, name) {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
