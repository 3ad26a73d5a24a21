import { beforeAll, expect, test } from '@jest/globals';
import { type AdminClient, bearer } from '../../support/admin-client.js';
import { errorCode, faultPaths, mint, type Minted, newcomer } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

let stranger: AdminClient;
let ours: Minted;

officeForTests();
beforeAll(async () => {
  stranger = await newcomer(stack, { role: 'owner' });
  ours = await mint(owner);
});

test("another account's key answers as one that never was, and stays as it is", async () => {
  const never = `key_${'0'.repeat(26)}`;
  const answers = async (id: string) => [
    await stranger.get(`/keys/${id}`),
    await stranger.post(`/keys/${id}/revoke`, { reason: 'unspecified' }),
    await stranger.delete(`/keys/${id}`),
    await stranger.delete(`/keys/${id}?permanent=true`),
  ];
  const [foreign, absent] = [await answers(ours.id), await answers(never)];
  expect(foreign.map((answer) => [answer.status, errorCode(answer)])).toEqual(Array(4).fill([404, 'not_found']));
  expect(foreign.map(({ body }) => body)).toEqual(absent.map(({ body }) => body));
  expect((await owner.get(`/keys/${ours.id}`)).body).toMatchObject({ status: 'active' });
});

test('a list holds the keys of its own account alone', async () => {
  const { id } = await mint(stranger);
  const { body } = await stranger.get('/keys');
  expect((body as { data: { id: string }[] }).data.map((key) => key.id)).toEqual([id]);
});

test("another account's key is no cursor into its list", async () => {
  const cursor = Buffer.from(ours.id).toString('base64url');
  const { body } = await stranger.get(`/keys?cursor=${cursor}`);
  expect(JSON.stringify(body)).not.toContain(ours.id);
});

test("another account's products and formats can not be given to a key", async () => {
  await owner.post('/products', { id: 'ours', name: 'Ours' });
  const byProduct = await stranger.post('/keys', { name: 'x', products: ['ours'] });
  const byFormat = await stranger.post('/keys', { name: 'x', format: 'garmint' });
  expect([byProduct, byFormat].map(faultPaths)).toEqual([['products.0'], ['format']]);
});

test('a management key acts in its own account', async () => {
  const { token } = await mint(stranger, { scopes: ['mintmark:keys:read', 'mintmark:keys:write'] });
  const client = bearer(stack, token);
  expect((await client.get(`/keys/${ours.id}`)).status).toBe(404);
  expect((await client.delete(`/keys/${ours.id}`)).status).toBe(404);
});
