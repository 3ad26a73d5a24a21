import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type AdminClient, bearer } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { errorCode, mint } from './office.js';
import { added } from '../webhooks/webhook-office.js';
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

test('it hands its rights to no key that outlives it or is accepted from elsewhere, by no way there is', async () => {
  const scopes = ['mintmark:keys:write'];
  const limits = { expiresInDays: 1, allowedCidrs: ['127.0.0.0/8'] };
  const own = await mint(owner, { scopes, ...limits });
  const limited = bearer(stack, own.token);
  const free = await mint(owner, { scopes });
  const closer = { expiresAt: new Date(Date.now() + 3_600_000).toISOString(), allowedCidrs: ['127.0.0.1'] };
  const status = async (answer: Promise<{ status: number }>) => (await answer).status;
  const line = (more: object) => ({ sha256: randomBytes(32).toString('hex'), name: 'brought', scopes, ...more });
  const importing = async (more: object) =>
    (await limited.post('/keys/import', line(more), { 'content-type': 'application/x-ndjson' })).body;

  expect(await status(limited.post('/keys', { name: 'for good', scopes, allowedCidrs: limits.allowedCidrs }))).toBe(403);
  expect(await status(limited.post('/keys', { name: 'anywhere', scopes, expiresAt: closer.expiresAt }))).toBe(403);
  const made = await limited.post('/keys', { name: 'closer', scopes, ...closer });
  expect(made.status).toBe(201);
  const { id } = (made.body as { metadata: { id: string } }).metadata;
  expect(await status(limited.patch(`/keys/${id}`, { expiresAt: null }))).toBe(403);
  expect(await status(limited.patch(`/keys/${id}`, { allowedCidrs: [] }))).toBe(403);
  expect(await status(limited.patch(`/keys/${free.id}`, { name: 'mine' }))).toBe(403);
  expect(await status(limited.post(`/keys/${free.id}/rotate`, { graceSeconds: 0 }))).toBe(403);
  expect(await status(limited.delete(`/keys/${free.id}?permanent=true`))).toBe(403);
  expect(await importing({})).toMatchObject({ line: 1, error: { code: 'forbidden' } });
  expect(await importing(closer)).toMatchObject({ line: 1, keyId: expect.any(String) });
  expect(await status(limited.post('/keys', { name: 'of a customer', scopes: ['garments:read'] }))).toBe(201);
  expect(await status(limited.post(`/keys/${own.id}/rotate`, { graceSeconds: 60 }))).toBe(201);
});

test('one that has an end or ranges has no events sent anywhere, which would go on without it: it can take what is sent away', async () => {
  const url = 'https://hooks.example/';
  for (const limits of [{ expiresInDays: 1 }, { allowedCidrs: ['127.0.0.0/8'] }]) {
    const { id } = added((await owner.post('/webhooks', { url })).body);
    const scopes = ['mintmark:account:read', 'mintmark:account:write'];
    const limited = bearer(stack, (await mint(owner, { scopes, ...limits })).token);
    const sending = [
      await limited.post('/webhooks', { url }),
      await limited.patch(`/webhooks/${id}`, { url: 'https://other.example/' }),
      await limited.patch(`/webhooks/${id}`, { events: ['key.created'] }),
      await limited.patch(`/webhooks/${id}`, { enabled: true }),
      await limited.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 0 }),
    ];
    expect(sending.map(({ status }) => status)).toEqual(sending.map(() => 403));
    const others = [
      await limited.get(`/webhooks/${id}`),
      await limited.patch(`/webhooks/${id}`, { description: 'ours' }),
      await limited.patch(`/webhooks/${id}`, { enabled: false }),
      await limited.delete(`/webhooks/${id}`),
    ];
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 204]);
  }
});

test('its former secret, in the grace period, gets no further one', async () => {
  const { id, token } = await mint(owner, { scopes: ['mintmark:keys:write'] });
  const { body } = await owner.post(`/keys/${id}/rotate`, { graceSeconds: 60 });
  const { key } = body as { readonly key: string };
  recordSecret('token', key);
  expect((await bearer(stack, token).post(`/keys/${id}/rotate`, { graceSeconds: 0 })).status).toBe(403);
  expect((await bearer(stack, key).post(`/keys/${id}/rotate`, { graceSeconds: 60 })).status).toBe(201);
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
