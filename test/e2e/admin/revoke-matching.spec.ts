import { expect, test } from '@jest/globals';
import { type Answer, bearer } from '../../support/admin-client.js';
import { errorCode, faultPaths, inDatabase, mint, newcomer } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();

const revoke = (body: object, by = owner) => by.post('/keys/revoke-matching', { reason: 'key_compromise', ...body });
const accepted = async (token: string) => (await bearer(stack, token).get('/keys/self')).status === 200;

test('a dry run tells what would be revoked; the call itself returns when none of it is accepted', async () => {
  const lost = await Promise.all([1, 2, 3].map(() => mint(owner, { ownerId: 'thief', scopes: ['garments:*'] })));
  const other = await mint(owner, { ownerId: 'honest', scopes: ['garments:read'] });
  for (const { token } of [...lost, other]) expect(await accepted(token)).toBe(true);

  const filter = { ownerId: 'thief', scope: 'garments:read', status: 'active' };
  const ids = lost
    .map(({ id }) => id)
    .sort()
    .reverse();
  const preview = await revoke({ ...filter, dryRun: true });
  expect([preview.status, preview.body]).toEqual([200, { matched: 3, revoked: 0, wouldRevoke: 3, sample: ids }]);
  expect(await accepted(lost[0]?.token ?? '')).toBe(true);

  const { status, body } = await revoke({ ...filter, description: 'stolen' });
  expect([status, body]).toEqual([
    200,
    { matched: 3, revoked: 3, enforced: expect.objectContaining({ verifiers: expect.any(Number) }) },
  ]);
  for (const { token } of lost) expect(await accepted(token)).toBe(false);
  expect(await accepted(other.token)).toBe(true);
  const again = await revoke({ ownerId: 'thief' });
  expect(again.body).toMatchObject({ matched: 3, revoked: 0 });
});

test.each([
  [{}, ['all']],
  [{ dryRun: true }, ['all']],
  [{ all: true, ownerId: 'x' }, ['all']],
  [{ all: false }, ['all']],
  [{ ownr: 'x' }, ['all', 'ownr']],
  [{ ownerId: 'x', reason: 'because' }, ['reason']],
  [{ scope: 'x', unusedSince: 'long ago', rotationDue: 'true' }, ['scope', 'unusedSince', 'rotationDue']],
])('%j is told where it is wrong, and revokes nothing', async (body, paths) => {
  const answer = await revoke(body);
  expect([answer.status, faultPaths(answer).sort()]).toEqual([400, [...paths].sort()]);
  expect((await owner.get('/keys?status=revoked&search=Service')).body).toMatchObject({ data: [] });
});

test('keys with scopes of Mintmark itself are revoked by those alone who may grant them', async () => {
  const { body } = await owner.get('/auth/session');
  const { account } = body as { readonly account: { readonly id: string } };
  const developer = await newcomer(stack, { role: 'developer', accountId: account.id });
  await mint(developer, { ownerId: 'developers' });
  for (const dryRun of [true, false]) {
    const answer = await revoke({ all: true, dryRun }, developer);
    expect([answer.status, errorCode(answer)]).toEqual([403, 'forbidden']);
  }
  expect((await owner.get('/keys?ownerId=developers')).body).toMatchObject({ data: [{ status: 'active' }] });
  expect((await revoke({ ownerId: 'developers' }, developer)).body).toMatchObject({ revoked: 1 });
  const { body: all } = await revoke({ all: true });
  expect(all).toMatchObject({ revoked: expect.any(Number), enforced: {} });
  expect((await owner.get('/keys?status=active')).body).toMatchObject({ data: [] });
});

test('many revocations of one account at once are refused with 429, and hold up no other account', async () => {
  const { id } = await mint(owner, { ownerId: 'held' });
  const other = await newcomer(stack, { role: 'owner' });
  const answers = await inDatabase(stack, async (sql) => {
    await sql('SELECT FROM keys WHERE id = $1 FOR UPDATE', [id]);
    const refused: Answer[] = [];
    let untilRefused: (() => void) | undefined;
    const tenRefused = new Promise<void>((resolve) => (untilRefused = resolve));
    const asked = Array.from({ length: 12 }, async () => {
      const answer = await revoke({ ownerId: 'held' });
      if (answer.status === 429 && refused.push(answer) === 10) untilRefused?.();
      return answer;
    });
    await tenRefused;
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(Array(10).fill('5'));
    expect((await other.get('/keys')).status).toBe(200);
    expect((await other.post('/keys/revoke-matching', { all: true, reason: 'superseded' })).status).toBe(200);
    return asked;
  });
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
  expect((await owner.get('/keys?ownerId=held')).body).toMatchObject({ data: [{ status: 'revoked' }] });
});
