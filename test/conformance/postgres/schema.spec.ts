import { createLog } from '#libs/observability';
import { migrate, openDatabase, pendingMigrations, revertLastMigration } from '#libs/persistence';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from '@node-rs/argon2';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';

describe('schema', () => {
  let database: FreshDatabase;
  let options: { url: string; log: ReturnType<typeof createLog> };
  let said: string[];
  beforeEach(async () => {
    database = await freshDatabase();
    said = [];
    options = { url: database.url, log: createLog('schema', { write: (line: string) => void said.push(line) }) };
  });
  afterEach(() => database.drop());

  async function ask<T>(question: (dataSource: DataSource) => Promise<T>): Promise<T> {
    const dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    try {
      return await question(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  const tables = () =>
    ask(async (dataSource) => {
      const rows: { readonly name: string }[] = await dataSource.query(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
      );
      return rows.map(({ name }) => name);
    });

  test('what the migrations make is what the entities say', async () => {
    const dataSource = await openDatabase({ ...options, migrate: 'run' });
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    await dataSource.destroy();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  test('of many that migrate at once one does, and all of them find it done', async () => {
    const ran = await Promise.all(Array.from({ length: 8 }, () => migrate(options)));
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
    expect(await tables()).toContain('secrets');
    expect(await ask((dataSource) => dataSource.query<unknown[]>('SELECT id FROM installation'))).toHaveLength(1);
  });

  test('whoever finds the schema up to date changes nothing', async () => {
    expect(await migrate(options)).not.toEqual([]);
    expect(await migrate(options)).toEqual([]);
  });

  test('every migration can be taken back, and made again', async () => {
    const names = await migrate(options);
    const reverted = [];
    for (const _ of names) reverted.push(await revertLastMigration(options));
    expect(reverted).toEqual([...names].reverse());
    expect(await revertLastMigration(options)).toBeNull();
    expect(await tables()).toEqual(['migrations']);
    expect(await migrate(options)).toEqual(names);
  });

  test('whoever has no password is kept when a former schema comes back, under one that nobody knows', async () => {
    await migrate(options);
    const hashes = await ask(async (dataSource) => {
      const insert = `INSERT INTO people (id, email, email_folded, operator) VALUES ('usr_' || $1, $1, $1, false)`;
      for (const email of ['a@mint.example', 'b@mint.example']) await dataSource.query(insert, [email]);
      let reverted: string | null = '';
      while (reverted !== null && !reverted.includes('NoPassword')) reverted = await revertLastMigration(options);
      return dataSource.query<{ readonly password_hash: string }[]>('SELECT password_hash FROM people');
    });
    expect(new Set(hashes.map(({ password_hash: hash }) => hash)).size).toBe(2);
    for (const { password_hash: hash } of hashes) expect(await verify(hash, 'any')).toBe(false);
  });

  test('whoever waits goes on when another has migrated, says what is missing, and writes nothing', async () => {
    let opened = false;
    const waiting = openDatabase({ ...options, migrate: 'wait' }).then((dataSource) => {
      opened = true;
      return dataSource;
    });
    await sleep(700);
    expect(opened).toBe(false);
    expect(await tables()).toEqual([]);
    expect(said.filter((line) => line.includes('waiting for the schema'))).toHaveLength(1);
    expect(said.join('')).toContain('Keys1795305603000');
    await migrate(options);
    const dataSource = await waiting;
    expect(await pendingMigrations(dataSource)).toEqual([]);
    await dataSource.destroy();
  });

  test('a migration that waits for another process says so', async () => {
    await ask(async (dataSource) => {
      await dataSource.query('SELECT pg_advisory_lock(7883954069019128427)');
      const migrating = migrate(options);
      await sleep(500);
      expect(said.join('')).toContain('another process is migrating');
      expect(await tables()).toEqual([]);
      await dataSource.query('SELECT pg_advisory_unlock_all()');
      expect(await migrating).not.toEqual([]);
    });
  });
});
