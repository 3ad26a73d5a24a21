import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash, createHmac } from 'node:crypto';
import { recordSecret } from '../../support/evidence.js';
import { mintToken, newId, STARTING_FORMATS } from '#libs/key-domain';
import { type Installation, startInstallation } from './installation.js';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

test("another account's key is NOT_FOUND, good or revoked, by token and by digest, and the same the other way round", async () => {
  const ours = await installation.mint();
  const theirs = await keyOfAnotherAccount(installation);
  const [we, they] = [installation.verifier, installation.service(`Bearer ${theirs.token}`)];

  expect(await we.code({ token: ours.token })).toBe('VALID');
  expect(await they.code({ token: theirs.token })).toBe('VALID');
  expect(await they.code({ token: ours.token })).toBe('NOT_FOUND');
  const foreign = await we.verifyToken({ token: theirs.token });
  expect(foreign).toMatchObject({ valid: false, code: 'NOT_FOUND' });
  expect(foreign.grant).toBeFalsy();
  expect(await we.verifyToken({ tokenSha256: createHash('sha256').update(theirs.token).digest() })).toEqual(foreign);

  await installation.revoke(ours);
  expect(await they.code({ token: ours.token })).toBe('NOT_FOUND');
  expect(await we.code({ token: ours.token })).toBe('REVOKED');
});

/** This version has no call that makes a second account. The key may verify, so that it is a service of its account too. */
async function keyOfAnotherAccount({ stack, sql }: Installation): Promise<{ readonly token: string }> {
  const [format] = STARTING_FORMATS;
  if (format === undefined) throw new Error('no formats');
  const [accountId, keyId] = [newId('acc'), newId('key')];
  await sql(
    `WITH account AS (INSERT INTO accounts (id, name, default_format) VALUES ($1, 'Others', $2) RETURNING id)
     INSERT INTO key_formats (account_id, name, prefix, environments, encoding) SELECT id, $2, $3, $4, $5 FROM account`,
    [accountId, format.name, format.prefix, format.environments, format.encoding],
  );
  await sql(
    `INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, metadata, allowed_cidrs, enabled, created_by_type, created_by_id)
     VALUES ($1, $2, 'theirs', 'live', '{mintmark:tokens:verify}', false, '{}', $3, '{}', '{}', true, 'system', 'test')`,
    [keyId, accountId, format.name],
  );
  const token = mintToken(format, 'live');
  recordSecret('token', token);
  const [pepperId = '', pepper = ''] = stack.peppers.split(/:(.*)/s);
  const digest = createHmac('sha256', Buffer.from(pepper, 'base64')).update(createHash('sha256').update(token).digest()).digest();
  await sql('INSERT INTO secrets (id, account_id, key_id, digest, pepper_id) VALUES ($1, $2, $3, $4, $5)', [
    newId('sec'),
    accountId,
    keyId,
    digest,
    pepperId,
  ]);
  return { token };
}
