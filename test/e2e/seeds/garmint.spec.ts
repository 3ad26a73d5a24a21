import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { recordSecret } from '../../support/evidence.js';
import { curl } from './curl.js';

const UNAUTHORIZED = 'Missing or invalid API key. Provide a valid key via Authorization header.';

interface Created {
  readonly key: string;
  readonly metadata: {
    readonly id: string;
    readonly name: string;
    readonly lastFour: string;
    readonly createdAt: string;
    readonly expiresAt: string | null;
  };
  readonly warning: string;
}

describe("Garmint's document", () => {
  let stack: Stack;
  let admin: AdminClient;
  let api: Record<string, string>;
  let keys: Record<string, string>;

  beforeAll(async () => {
    stack = await startStack();
    admin = await signIn(stack);
    await admin.patch('/policy', { defaultFormat: 'garmint' });
    api = { 'https://garmint.app': stack.exampleUrl };
    keys = { 'https://garmint.app': stack.adminUrl };
  });
  afterAll(() => stack.stop());

  const create = async (fields: object): Promise<Created> => {
    const answer = await admin.post('/keys', { name: 'My Integration', scopes: ['garments:read'], ...fields });
    expect(answer.status).toBe(201);
    return answer.body as Created;
  };
  const garments = (key: string) => curl(`curl https://garmint.app/api/v1/garments \\\n  -H "Authorization: Bearer ${key}"`, api);

  test('a key is created with the printed command and a session, and answered in the printed form', async () => {
    const answer = await curl(
      `curl -X POST https://garmint.app/api/v1/keys \\
  -H "Content-Type: application/json" \\
  -d '{ "name": "My Integration" }'`,
      keys,
      admin.cookie,
    );
    expect(answer.status).toBe(201);
    const { key, metadata, warning } = answer.body as Created;
    recordSecret('token', key);
    expect(key).toMatch(/^gm_live_[0-9a-f]{64}$/);
    expect(metadata).toMatchObject({ name: 'My Integration', lastFour: key.slice(-4) });
    expect(metadata.id).toMatch(/^key_/);
    expect(Date.parse(metadata.createdAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(warning).toBe('Save this key now - it will not be shown again!');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('without a session the command creates nothing', async () => {
    const before = await admin.get('/keys');
    const answer = await curl(
      `curl -X POST https://garmint.app/api/v1/keys -H "Content-Type: application/json" -d '{ "name": "My Integration" }'`,
      keys,
    );
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'unauthorized', message: UNAUTHORIZED } } });
    expect((await admin.get('/keys')).body).toEqual(before.body);
  });

  test('the key in the Authorization header opens the API', async () => {
    const answer = await garments((await create({})).key);
    expect(answer.status).toBe(200);
  });

  test('the key is not shown again', async () => {
    const { key, metadata } = await create({});
    const shown = JSON.stringify([(await admin.get('/keys')).body, (await admin.get(`/keys/${metadata.id}`)).body]);
    expect(shown).toContain(metadata.id);
    expect(shown).not.toContain(key);
  });

  test('environments have keys of their own, which end independently', async () => {
    const live = await create({ environment: 'live' });
    const testing = await create({ environment: 'test' });
    expect(testing.key).toMatch(/^gm_test_[0-9a-f]{64}$/);
    await admin.delete(`/keys/${testing.metadata.id}`);
    expect((await garments(live.key)).status).toBe(200);
    expect((await garments(testing.key)).status).toBe(401);
  });

  test('environments are rotated independently', async () => {
    const live = await create({ environment: 'live' });
    const testing = await create({ environment: 'test' });
    const rotated = await admin.post(`/keys/${testing.metadata.id}/rotate`, { graceSeconds: 0 });
    expect(rotated.status).toBe(201);
    const { key } = rotated.body as Created;
    expect(key).toMatch(/^gm_test_[0-9a-f]{64}$/);
    expect((await garments(key)).status).toBe(200);
    expect((await garments(testing.key)).status).toBe(401);
    expect((await garments(live.key)).status).toBe(200);
  });

  test('a request that is not valid gets a 400 that names each field at fault', async () => {
    const answer = await curl(
      `curl -X POST https://garmint.app/api/v1/keys -H "Content-Type: application/json" -d '{ "name": "", "expiresInDays": 0 }'`,
      keys,
      admin.cookie,
    );
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', message: expect.any(String) } } });
    expect((answer.body as { error: { details: unknown } }).error.details).toEqual({
      reason: [
        { path: 'name', message: expect.any(String) },
        { path: 'expiresInDays', message: expect.any(String) },
      ],
    });
  });

  test('what does not exist gets a 404', async () => {
    const answer = await curl('curl -X DELETE https://garmint.app/api/v1/keys/key_xxx', keys, admin.cookie);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found', message: expect.any(String) } } });
  });

  test('expiresInDays gives the key an end', async () => {
    const { metadata } = await create({ name: 'Temp Integration', expiresInDays: 30 });
    const days = (Date.parse(metadata.expiresAt ?? '') - Date.parse(metadata.createdAt)) / 86_400_000;
    expect(days).toBeCloseTo(30, 2);
  });

  test('the printed command with the session cookie lists the keys', async () => {
    const { metadata } = await create({ name: 'Listed' });
    const answer = await curl('curl https://garmint.app/api/v1/keys \\\n  -H "Cookie: $SESSION"', keys, admin.cookie);
    expect(answer.status).toBe(200);
    expect((answer.body as { data: unknown[] }).data).toContainEqual(
      expect.objectContaining({ id: metadata.id, name: 'Listed' }),
    );
  });

  test('the printed command revokes a key, which stops working and stays listed', async () => {
    const { key, metadata } = await create({});
    const answer = await curl(`curl -X DELETE https://garmint.app/api/v1/keys/${metadata.id}`, keys, admin.cookie);
    expect(answer).toMatchObject({ status: 200, body: { metadata: { id: metadata.id, status: 'revoked' } } });
    expect((await garments(key)).status).toBe(401);
    expect((await admin.get(`/keys/${metadata.id}`)).status).toBe(200);
  });

  test('the printed command with ?permanent=true deletes a key', async () => {
    const { key, metadata } = await create({});
    const answer = await curl(
      `curl -X DELETE "https://garmint.app/api/v1/keys/${metadata.id}?permanent=true"`,
      keys,
      admin.cookie,
    );
    expect(answer.status).toBe(200);
    expect((await garments(key)).status).toBe(401);
    expect((await admin.get(`/keys/${metadata.id}`)).status).toBe(404);
  });

  test.each([
    ['without a key', 'curl https://garmint.app/api/v1/garments'],
    ['with an invalid key', 'curl https://garmint.app/api/v1/garments -H "Authorization: Bearer gm_live_xxx"'],
  ])('%s the API answers with the printed 401', async (_, command) => {
    const answer = await curl(command, api);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ error: { code: 'unauthorized', message: UNAUTHORIZED } });
  });

  test('a revoked key gets the printed 401 with its reason', async () => {
    const { key, metadata } = await create({});
    await admin.delete(`/keys/${metadata.id}`);
    expect(await garments(key)).toMatchObject({
      status: 401,
      body: { error: { code: 'unauthorized', message: UNAUTHORIZED, details: { reason: 'API key has been revoked' } } },
    });
  });

  test('an expired key gets the printed 401 with its reason', async () => {
    const { key } = await create({ expiresAt: new Date(Date.now() + 1200).toISOString() });
    expect((await garments(key)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1300));
    const answer = await garments(key);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: { code: 'unauthorized', message: UNAUTHORIZED, details: { reason: 'API key has expired' } },
    });
  });

  test('a key without the scope gets a 403', async () => {
    expect(await garments((await create({ scopes: [] })).key)).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden', message: 'Key lacks permission for this action' } },
    });
  });
});
