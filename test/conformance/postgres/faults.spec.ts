import { InvalidRequestError, type MintmarkError } from '#libs/key-domain';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { aDigest, aFirstAccount, aKey, aSecret, BY } from '../factories.js';
import type { StoragePorts } from '../harness.js';
import { openPersistence, portsOf } from './postgres-harness.js';

const HOLDS_NUL = 'a\u0000b';

describe('what Postgres refuses', () => {
  let database: FreshDatabase;
  let app: INestApplicationContext;
  let ports: StoragePorts;
  const first = aFirstAccount();
  beforeAll(async () => {
    database = await freshDatabase();
    app = await openPersistence(database.url);
    ports = portsOf(app);
    await ports.installation.setUp(first, BY);
  }, 30_000);
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  test('an error quotes neither a statement nor a value, however deep one looks', async () => {
    const { digest } = first.serviceKey.secret;
    const repeated = aKey(first.accountId, { name: 'the name', secret: aSecret(digest) });
    const error = await ports.keys.insert(repeated, BY).catch((thrown: unknown) => thrown as MintmarkError);
    expect(error).toMatchObject({ code: 'internal_error', detail: 'SQLSTATE 23505: secrets_digest_key' });
    const seen = `${inspect(error, { depth: 20, showHidden: true })} ${(error as MintmarkError).publicMessage}`;
    for (const spelling of [digest.digest.toString('hex'), digest.digest.toString('base64'), [...digest.digest].join(', ')]) {
      expect(seen).not.toContain(spelling);
    }
    expect(seen).not.toContain('the name');
    expect(seen).not.toContain('INSERT');
  });

  test.each([
    ['a name', { name: HOLDS_NUL }],
    ['a scope', { scopes: [HOLDS_NUL] }],
    ['metadata', { metadata: { note: HOLDS_NUL } }],
    ['the name of metadata', { metadata: { [HOLDS_NUL]: 1 } }],
    ['metadata, as half a surrogate pair', { metadata: { note: '\ud800' } }],
  ])('a character in %s that can’t be stored is the caller’s fault, and nothing is stored', async (_, given) => {
    const key = aKey(first.accountId, given);
    await expect(ports.keys.insert(key, BY)).rejects.toThrow(InvalidRequestError);
    expect(await ports.keys.find(first.accountId, key.id)).toBeNull();
  });

  test('an identifier that can’t exist is the caller’s fault wherever it is asked for', async () => {
    const revocation = { reason: 'unspecified', description: null } as const;
    await expect(ports.keys.find(first.accountId, HOLDS_NUL)).rejects.toThrow(InvalidRequestError);
    await expect(ports.keys.revoke(first.accountId, HOLDS_NUL, revocation, BY)).rejects.toThrow(InvalidRequestError);
    await expect(ports.keys.list(first.accountId, {}, { limit: 1, before: HOLDS_NUL })).rejects.toThrow(InvalidRequestError);
    await expect(ports.people.findByEmail(HOLDS_NUL)).rejects.toThrow(InvalidRequestError);
  });

  test('an identifier too long for an index is the caller’s fault', async () => {
    const id = randomBytes(5_000).toString('hex');
    await expect(ports.catalogue.addProduct(first.accountId, { id, name: 'long' }, BY)).rejects.toThrow(InvalidRequestError);
  });

  test('what an attempt to sign in leaves names neither address nor e-mail address', async () => {
    await ports.throttle.begin({ address: '192.0.2.77', email: 'somebody@example.com' });
    const { rows } = await query(`SELECT key FROM login_attempts`);
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).not.toMatch(/192\.0\.2|somebody|example/);
  });

  test('a digest that no HMAC-SHA-256 made is not stored', async () => {
    const secret = aSecret({ ...aDigest(), digest: Buffer.alloc(31) });
    await expect(ports.keys.insert(aKey(first.accountId, { secret }), BY)).rejects.toMatchObject({ code: 'internal_error' });
  });

  async function query(statement: string) {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return await client.query(statement);
    } finally {
      await client.end();
    }
  }
});
