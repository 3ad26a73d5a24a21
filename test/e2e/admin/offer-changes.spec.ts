import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../support/admin-client.js';
import { faultPaths, inDatabase, mint, untilWaiting } from './office.js';
import { accountId, officeForTests, owner, stack } from './own-office.js';

officeForTests();

/** Has two changes come to where changes of the account follow each other: the first one is there when the second one comes. */
async function inTurn(first: () => Promise<Answer>, second: () => Promise<Answer>): Promise<readonly [Answer, Answer]> {
  const answers = await inDatabase(stack, async (sql) => {
    await sql('SELECT FROM audit_heads WHERE account_id = $1 FOR UPDATE', [accountId]);
    const earlier = first();
    await untilWaiting(stack, 1);
    const later = second();
    await untilWaiting(stack, 2);
    return { earlier, later };
  });
  return [await answers.earlier, await answers.later];
}

const importOf = async (line: object): Promise<Answer> => {
  const answer = await fetch(`${stack.adminUrl}/api/v1/keys/import`, {
    method: 'POST',
    headers: { cookie: owner.cookie, 'content-type': 'application/x-ndjson' },
    body: JSON.stringify(line),
  });
  return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) as unknown };
};

describe('a key that was planned by what an account offered before', () => {
  test('is not issued under a policy that came meanwhile', async () => {
    const [stricter, refused] = await inTurn(
      () => owner.patch('/policy', { expiryRequired: true }),
      () => owner.post('/keys', { name: 'a key' }),
    );
    expect([stricter.status, refused.status, faultPaths(refused)]).toEqual([200, 400, ['expiresAt']]);
  });

  test('is issued all the same where it keeps the rules that came meanwhile', async () => {
    await owner.patch('/policy', { expiryRequired: false });
    const [, issued] = await inTurn(
      () => owner.patch('/policy', { maxLifetimeDays: 30 }),
      () => owner.post('/keys', { name: 'a key', expiresInDays: 30 }),
    );
    expect(issued.status).toBe(201);
    const events = (await owner.get('/audit?action=key.created&limit=1')).body as { data: { target: { id: string } }[] };
    expect(events.data[0]?.target.id).toBe((issued.body as { metadata: { id: string } }).metadata.id);
    await owner.patch('/policy', { maxLifetimeDays: null });
  });

  test('does not name a product that is gone', async () => {
    await owner.post('/products', { id: 'hats', name: 'Hats' });
    const [gone, refused] = await inTurn(
      () => owner.delete('/products/hats'),
      () => owner.post('/keys', { name: 'a key', products: ['hats'] }),
    );
    expect([gone.status, refused.status, faultPaths(refused)]).toEqual([200, 400, ['products.0']]);
  });

  test('is not given a product that is gone by a change', async () => {
    await owner.post('/products', { id: 'caps', name: 'Caps' });
    const { id } = await mint(owner);
    const [gone, refused] = await inTurn(
      () => owner.delete('/products/caps'),
      () => owner.patch(`/keys/${id}`, { products: ['caps'] }),
    );
    expect([gone.status, refused.status, faultPaths(refused)]).toEqual([200, 400, ['products.0']]);
    expect((await owner.get(`/keys/${id}`)).body).toMatchObject({ products: [] });
  });

  test('keeps its product, which does not go', async () => {
    await owner.post('/products', { id: 'scarves', name: 'Scarves' });
    const [issued, refused] = await inTurn(
      () => owner.post('/keys', { name: 'a key', products: ['scarves'] }),
      () => owner.delete('/products/scarves'),
    );
    expect([issued.status, refused.status]).toEqual([201, 409]);
    expect((await owner.get('/products')).body).toMatchObject({
      data: expect.arrayContaining([{ id: 'scarves', name: 'Scarves', createdAt: expect.any(String) }]),
    });
  });

  test('does not hold a scope that is offered no more', async () => {
    await owner.post('/scopes', { name: 'looms:run', group: 'Looms', description: '' });
    const [gone, refused] = await inTurn(
      () => owner.delete('/scopes/looms:run'),
      () => owner.post('/keys', { name: 'a key', scopes: ['looms:run'] }),
    );
    expect([gone.status, refused.status, faultPaths(refused)]).toEqual([200, 400, ['scopes.0']]);
  });

  test('is not of a format that is gone', async () => {
    await owner.post('/key-formats', { name: 'trial', prefix: 'tr', environments: [], encoding: 'base62' });
    const [gone, refused] = await inTurn(
      () => owner.delete('/key-formats/trial'),
      () => owner.post('/keys', { name: 'a key', format: 'trial' }),
    );
    expect([gone.status, refused.status, faultPaths(refused)]).toEqual([200, 400, ['format']]);
  });

  test('is not imported', async () => {
    await owner.post('/products', { id: 'gloves', name: 'Gloves' });
    const [gone, answered] = await inTurn(
      () => owner.delete('/products/gloves'),
      () => importOf({ sha256: '00'.repeat(32), products: ['gloves'] }),
    );
    expect(gone.status).toBe(200);
    expect(answered.body).toMatchObject({ error: { code: 'invalid_request', details: { reason: [{ path: 'products.0' }] } } });
  });
});
