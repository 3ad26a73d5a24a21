import { expect, test } from '@jest/globals';
import { tokenSha256 } from '#libs/key-domain';
import { inDatabase } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();

const FEW = 'FROM generate_series(1, 200) n';

/** Accounts with a key each, of which Postgres concludes that an account has no more. */
async function aKeyOfEachAccount(): Promise<void> {
  await inDatabase(stack, async (sql) => {
    await sql(`INSERT INTO accounts (id, name, default_format) SELECT 'acc_few' || n, 'Few', 'default' ${FEW}`);
    await sql(
      `INSERT INTO key_formats (account_id, name, prefix, environments, encoding)
       SELECT 'acc_few' || n, 'default', 'mm', '{live}', 'base62' ${FEW}`,
    );
    await sql(
      `INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs,
         enabled, created_at, created_by_type, created_by_id)
       SELECT 'key_few' || n, 'acc_few' || n, 'Few', 'live', '{}', false, '{}', 'default', 'few', '{}', '{}',
         true, now(), 'system', 'fill' ${FEW}`,
    );
    await sql('ANALYZE');
  });
}

test('a large import goes on where Postgres knew of a key of each account, and what it brought is listed', async () => {
  await aKeyOfEachAccount();
  const count = 40_000;
  const lines = Array.from({ length: count }, (_, n) => {
    const sha256 = Buffer.from(tokenSha256(`few ${n}`)).toString('hex');
    return `${JSON.stringify({ sha256, lineKey: `few ${n}`, name: 'Few' })}\n`;
  });
  const answer = await fetch(`${stack.adminUrl}/api/v1/keys/import`, {
    method: 'POST',
    headers: { cookie: owner.cookie, 'content-type': 'application/x-ndjson' },
    body: lines.join(''),
  });
  const answers = (await answer.text()).split('\n').filter((line) => line !== '');
  expect(answers.filter((line) => (JSON.parse(line) as { readonly existing?: boolean }).existing === false)).toHaveLength(count);
  expect((await owner.get('/keys?rotationDue=false&limit=200')).status).toBe(200);
}, 120_000);
