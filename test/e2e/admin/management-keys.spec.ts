import { describe, expect, test } from '@jest/globals';
import { type AdminClient, bearer } from '../../support/admin-client.js';
import { errorCode, mint } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();

const holding = async (...scopes: string[]) => bearer(stack, (await mint(owner, { scopes })).token);

/** One call for each permission, in the order of `CALLS`. */
const CALLS = ['GET /keys', 'POST /keys', 'GET /policy', 'PATCH /policy'];
async function statuses(client: AdminClient): Promise<Record<string, number>> {
  const answers = [
    await client.get('/keys'),
    await client.post('/keys', { name: 'by a key' }),
    await client.get('/policy'),
    await client.patch('/policy', { defaultFormat: 'default' }),
  ];
  return Object.fromEntries(CALLS.map((call, index) => [call, answers[index]?.status ?? 0]));
}

describe('a management key may do what its scopes name', () => {
  test.each<[string, number[]]>([
    ['mintmark:keys:read', [200, 403, 403, 403]],
    ['mintmark:keys:write', [403, 201, 403, 403]],
    ['mintmark:account:read', [403, 403, 200, 403]],
    ['mintmark:account:write', [403, 403, 403, 200]],
    ['mintmark:tokens:verify', [403, 403, 403, 403]],
    ['*', [403, 403, 403, 403]],
  ])('%s', async (scope, expected) => {
    expect(Object.values(await statuses(await holding(scope)))).toEqual(expected);
  });

  test('and the service key of the set-up nothing', async () => {
    expect(Object.values(await statuses(bearer(stack, stack.serviceKey)))).toEqual([403, 403, 403, 403]);
  });
});

test('what it lacks is told as RFC 6750 has it', async () => {
  const answer = await (await holding('mintmark:keys:read')).post('/keys', { name: 'x' });
  expect(answer.headers.get('www-authenticate')).toBe(
    'Bearer realm="mintmark", error="insufficient_scope", scope="mintmark:keys:write"',
  );
  expect(answer.body).toEqual({ error: { code: 'forbidden', message: 'Key lacks permission for this action' } });
});

test('it grants no scope of Mintmark’s own that it lacks, and leaves its name on what it issues', async () => {
  const maker = await mint(owner, { scopes: ['mintmark:keys:write'] });
  const client = bearer(stack, maker.token);
  const granted = await client.post('/keys', { name: 'mine', scopes: ['mintmark:keys:write', 'garments:read'] });
  expect(granted.status).toBe(201);
  expect(granted.body).toMatchObject({ metadata: { createdBy: { type: 'key', id: maker.id } } });
  const refused = await client.post('/keys', { name: 'more', scopes: ['mintmark:keys:read'] });
  expect([refused.status, errorCode(refused)]).toEqual([403, 'forbidden']);
});

test('it lifts no limit of its own; another key changes it', async () => {
  const scopes = ['mintmark:keys:write'];
  const { id, token } = await mint(owner, { scopes, expiresInDays: 1, allowedCidrs: ['127.0.0.0/8'] });
  const lift = (client: AdminClient) => client.patch(`/keys/${id}`, { expiresAt: null, allowedCidrs: [] });
  const refused = await lift(bearer(stack, token));
  expect([refused.status, errorCode(refused)]).toEqual([403, 'forbidden']);
  expect((await lift(await holding(...scopes))).status).toBe(200);
});

test('nobody deletes for good a key with scopes that are not theirs to grant', async () => {
  const { id } = await mint(owner, { scopes: ['mintmark:tokens:verify'] });
  const erase = (client: AdminClient) => client.delete(`/keys/${id}?permanent=true`);
  const refused = await erase(await holding('mintmark:keys:write'));
  expect([refused.status, errorCode(refused)]).toEqual([403, 'forbidden']);
  expect((await owner.get(`/keys/${id}`)).body).toMatchObject({ status: 'active' });
  expect((await erase(owner)).status).toBe(200);
});

test('a key that is presented counts before the session that comes with it', async () => {
  const both = (token: string) => owner.get('/policy', { authorization: `Bearer ${token}` });
  expect((await both('nonsense')).status).toBe(401);
  expect((await both((await mint(owner)).token)).status).toBe(403);
});

test('a revoked one may do nothing from then on', async () => {
  const { id, token } = await mint(owner, { scopes: ['mintmark:keys:read'] });
  expect((await bearer(stack, token).get('/keys')).status).toBe(200);
  await owner.delete(`/keys/${id}`);
  expect((await bearer(stack, token).get('/keys')).status).toBe(401);
});
