import { expect, test } from '@jest/globals';
import { bearer } from '../../support/admin-client.js';
import { mint } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();

test('a key sees itself and no more, whatever its scopes', async () => {
  const { id, token } = await mint(owner, {
    name: 'me',
    scopes: ['garments:read'],
    ownerId: 'hidden',
    metadata: { hidden: true },
  });
  const { status, body } = await bearer(stack, token).get('/keys/self');
  expect(status).toBe(200);
  expect(body).toEqual({
    id,
    name: 'me',
    environment: 'live',
    scopes: ['garments:read'],
    products: [],
    expiresAt: null,
    rateLimits: [],
    quota: null,
  });
});

test('a key sees its limits and what is left of its credits, which takes none of them', async () => {
  const limits = {
    rateLimits: [{ name: 'per-day', limit: 1_000, windowSeconds: 86_400 }],
    quota: { remaining: 50, refill: null },
  };
  const { id, token } = await mint(owner, limits);
  const itself = () => bearer(stack, token).get('/keys/self');
  expect([(await itself()).body, (await itself()).body]).toMatchObject(Array(2).fill({ id, ...limits }));
  await owner.patch(`/keys/${id}`, { quota: { remaining: 0 } });
  expect(await itself()).toMatchObject({ status: 200, body: { quota: { remaining: 0, refill: null } } });
});

test('a person is no key', async () => {
  expect((await owner.get('/keys/self')).status).toBe(401);
});

test('a key with an address list is known from its own addresses alone', async () => {
  const here = await mint(owner, { allowedCidrs: ['127.0.0.0/8'] });
  const elsewhere = await mint(owner, { allowedCidrs: ['192.0.2.0/24'] });
  expect((await bearer(stack, here.token).get('/keys/self')).status).toBe(200);
  expect((await bearer(stack, elsewhere.token).get('/keys/self')).status).toBe(403);
  const forged = { 'x-forwarded-for': '192.0.2.1' };
  expect((await bearer(stack, elsewhere.token).get('/keys/self', forged)).status).toBe(403);
});

test.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['an unknown token', { authorization: `Bearer mm_live_${'0'.repeat(38)}1gFbYm` }],
  ['a malformed token', { authorization: 'Bearer nonsense' }],
  ['another scheme', { authorization: 'Basic dTpw' }],
  ['three parts', { authorization: 'Bearer a b' }],
  ['no token', { authorization: 'Bearer' }],
])('%s is answered with 401, a challenge and the envelope', async (_, headers) => {
  const answer = await fetch(`${stack.adminUrl}/api/v1/keys/self`, { headers });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="mintmark"/);
  expect(await answer.json()).toEqual({ error: { code: 'unauthorized', message: expect.any(String) } });
});
