import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { type Stack, startStack } from '../../support/stack.js';
import { curl } from './curl.js';

const INVALID = { message: 'Invalid access token', code: 1 };

describe("Keymint's document", () => {
  let stack: Stack;
  let admin: AdminClient;

  beforeAll(async () => {
    stack = await startStack();
    admin = await signIn(stack);
  });
  afterAll(() => stack.stop());

  const generate = async (fields: object = {}) => {
    const answer = await admin.post('/keys', {
      name: 'Billing service',
      format: 'keymint',
      scopes: ['customers:read'],
      ...fields,
    });
    expect(answer.status).toBe(201);
    return answer.body as {
      key: string;
      metadata: { id: string; environment: string | null; products: unknown; scopes: string[] };
    };
  };
  const customer = (token: string) =>
    curl(
      `curl -X GET "https://api.keymint.dev/customer" \\
  -H "Authorization: Bearer ${token}" \\
  -H "Content-Type: application/json"`,
      { 'https://api.keymint.dev': stack.exampleUrl },
    );

  test('the printed command with a generated token returns customer data', async () => {
    const { key, metadata } = await generate();
    expect(key).toMatch(/^at_[0-9A-Za-z]{44}$/);
    expect(metadata.environment).toBeNull();
    const answer = await customer(key);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(
      expect.objectContaining({ status: true, code: 0, data: expect.anything(), action: expect.any(String) }),
    );
  });

  test('the token is not shown again', async () => {
    const { key, metadata } = await generate();
    const shown = JSON.stringify([(await admin.get('/keys')).body, (await admin.get(`/keys/${metadata.id}`)).body]);
    expect(shown).toContain(metadata.id);
    expect(shown).not.toContain(key);
  });

  test('a request without the Authorization header gets the printed 401', async () => {
    const answer = await curl('curl -X GET "https://api.keymint.dev/customer" -H "Content-Type: application/json"', {
      'https://api.keymint.dev': stack.exampleUrl,
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ message: 'Missing Authorization header', code: 1 });
  });

  test('the printed placeholder is no token', async () => {
    expect(await customer('at_your_token_here')).toMatchObject({ status: 401, body: INVALID });
  });

  test.each([
    ['the token alone', (token: string) => token],
    ['another scheme', (token: string) => `Token ${token}`],
    ['two tokens', (token: string) => `Bearer ${token} ${token}`],
  ])('a good token in another form than Bearer opens nothing: %s', async (_, header) => {
    const { key } = await generate();
    const command = `curl -X GET "https://api.keymint.dev/customer" -H "Authorization: ${header(key)}"`;
    expect(await curl(command, { 'https://api.keymint.dev': stack.exampleUrl })).toMatchObject({
      status: 401,
      body: { code: 1 },
    });
  });

  test('a token is due for rotation after 90 days, and rotated by one call', async () => {
    expect((await admin.get('/policy')).body).toMatchObject({ rotationDays: 90 });
    const { key, metadata } = await generate();
    const rotated = await admin.post(`/keys/${metadata.id}/rotate`, { graceSeconds: 0 });
    expect(rotated).toMatchObject({ status: 201, body: { metadata: { id: metadata.id } } });
    expect((await customer((rotated.body as { key: string }).key)).status).toBe(200);
    expect(await customer(key)).toMatchObject({ status: 401, body: INVALID });
  });

  test('active tokens are listed, with what they may do and when they were last used', async () => {
    const [active, revoked] = [await generate({ name: 'Active' }), await generate({ name: 'Revoked' })];
    await admin.delete(`/keys/${revoked.metadata.id}`);
    const { data } = (await admin.get('/keys?status=active&limit=200')).body as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).not.toContain(revoked.metadata.id);
    expect(data).toContainEqual(
      expect.objectContaining({ id: active.metadata.id, scopes: ['customers:read'], products: [], lastUsedAt: null }),
    );
  });

  test('the audit log tells what was done to a token, and by whom', async () => {
    const { metadata } = await generate();
    await admin.post(`/keys/${metadata.id}/revoke`, { reason: 'key_compromise' });
    const { data } = (await admin.get(`/audit?target=${metadata.id}`)).body as { data: { action: string; actor: object }[] };
    expect(data.map(({ action }) => action)).toEqual(['key.revoked', 'key.created']);
    expect(data.map(({ actor }) => actor)).toEqual(Array(2).fill({ type: 'person', id: expect.stringMatching(/^usr_/) }));
  });

  test('the usage of each token is told over time, what was refused by itself', async () => {
    const { key, metadata } = await generate();
    expect((await customer(key)).status).toBe(200);
    await admin.post(`/keys/${metadata.id}/revoke`, { reason: 'key_compromise' });
    expect((await customer(key)).status).toBe(401);
    const outcomes = async () => {
      const { data } = (await admin.get(`/keys/${metadata.id}/usage`)).body as { data: { outcomes: Record<string, number> }[] };
      return data.map((hour) => hour.outcomes).filter((some) => Object.keys(some).length > 0);
    };
    const counted = await eventually(outcomes, (some) => some.some(({ VALID, REVOKED }) => VALID === 1 && REVOKED === 1), 30_000);
    expect(counted).toEqual([{ VALID: 1, REVOKED: 1 }]);
  }, 40_000);

  test('each service has a token of its own, which ends by itself', async () => {
    const [billing, shipping] = [await generate({ name: 'Billing' }), await generate({ name: 'Shipping' })];
    await admin.delete(`/keys/${billing.metadata.id}`);
    expect((await customer(billing.key)).status).toBe(401);
    expect((await customer(shipping.key)).status).toBe(200);
  });

  test('a token is invalid after its expiration', async () => {
    const { key } = await generate({ expiresAt: new Date(Date.now() + 1200).toISOString() });
    expect((await customer(key)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1300));
    const answer = await customer(key);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(INVALID);
  });

  test('a token is invalid from the moment its revocation has returned', async () => {
    const { key, metadata } = await generate();
    const revoked = await admin.post(`/keys/${metadata.id}/revoke`, { reason: 'key_compromise' });
    expect(revoked.status).toBe(200);
    expect(await customer(key)).toMatchObject({ status: 401, body: INVALID });
  });

  test('a token without the scope that the operation needs gets a 403', async () => {
    const { key } = await generate({ scopes: ['licenses:read'] });
    const answer = await customer(key);
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ message: 'Insufficient permissions for this operation', code: 1 });
  });

  test('product access is chosen by scope: all of them, or the ones that are listed', async () => {
    await admin.post('/products', { id: 'prod_a', name: 'Product A' });
    const all = await generate({ scopes: ['customers:read', 'products:all'] });
    const specific = await generate({ scopes: ['customers:read', 'products:specific'], products: ['prod_a'] });
    expect(all.metadata.products).toBe('all');
    expect(specific.metadata.products).toEqual(['prod_a']);
  });

  test('its catalogue of scopes is offered, in its groups', async () => {
    const answer = await admin.get('/scopes');
    const offered = (answer.body as { data: { name: string; group: string }[] }).data.map(
      ({ name, group }) => `${group}: ${name}`,
    );
    expect(offered).toEqual(
      expect.arrayContaining([
        'Customer Management: customers:read',
        'Customer Management: customers:write',
        'Customer Management: customers:delete',
        'License Operations: licenses:read',
        'License Operations: licenses:write',
        'License Operations: licenses:activate',
        'License Operations: licenses:block',
        'Product Access: products:all',
        'Product Access: products:specific',
      ]),
    );
  });
});
