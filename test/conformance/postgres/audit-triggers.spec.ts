import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { aFirstAccount, aKey, BY } from '../factories.js';
import { openPersistence, portsOf } from './postgres-harness.js';

/** What the database itself does not let anybody do, the owner of the tables included. */
describe('audit record', () => {
  let database: FreshDatabase;
  let app: INestApplicationContext;
  let owner: Client;
  const first = aFirstAccount();
  beforeAll(async () => {
    database = await freshDatabase();
    app = await openPersistence(database.url);
    owner = new Client({ connectionString: database.url });
    await owner.connect();
    await portsOf(app).installation.setUp(first, BY);
    await portsOf(app).keys.insert(aKey(first.accountId), BY);
  });
  afterAll(async () => {
    await app.close();
    await owner.end();
    await database.drop();
  });

  const stored = async () => (await owner.query('SELECT * FROM audit_entries, audit_heads ORDER BY 1, 2')).rows as object[];

  test.each([
    `UPDATE audit_entries SET action = 'key.updated'`,
    `UPDATE audit_entries SET actor_id = 'usr_other'`,
    `UPDATE audit_entries SET at = at - interval '1 day'`,
    `UPDATE audit_entries SET number = number + 1`,
    `UPDATE audit_entries SET hash = change_digest`,
    `UPDATE audit_entries SET change_text = '{}'`,
    `UPDATE audit_entries SET change_text = NULL`,
    `UPDATE audit_entries SET change_text = NULL, change_salt = NULL, target_id = 'key_other'`,
    `UPDATE audit_entries SET change_text = NULL, change_salt = NULL`,
    `UPDATE audit_entries SET origin_text = NULL, origin_salt = NULL`,
    `DELETE FROM audit_entries`,
    `TRUNCATE audit_entries`,
    `UPDATE audit_heads SET number = number - 1`,
    `UPDATE audit_heads SET hash = decode(repeat('00', 32), 'hex')`,
    `DELETE FROM audit_heads`,
    `TRUNCATE audit_heads`,
  ])('refuses %s', async (statement) => {
    const before = await stored();
    expect(before.length).toBeGreaterThan(1);
    await expect(owner.query(statement)).rejects.toThrow(/neither altered nor deleted|audit_entries_change_check/);
    expect(await stored()).toEqual(before);
  });

  test('stays when the account itself is deleted', async () => {
    const before = await stored();
    await owner.query('DELETE FROM keys');
    await owner.query('DELETE FROM accounts');
    expect(await stored()).toEqual(before);
  });
});
