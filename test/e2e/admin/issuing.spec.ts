import { describe, expect, test } from '@jest/globals';
import { officeForTests, owner } from './own-office.js';

officeForTests();

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test('a key that asks for nothing but a name gets the defaults, its token once, and no cache may keep it', async () => {
  const { status, headers, body } = await owner.post('/keys', { name: '  My Integration ' });
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  const { key } = body as { key: string };
  expect(key).toMatch(/^mm_live_[0-9A-Za-z]{44}$/);
  expect(body).toEqual({
    key,
    metadata: {
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      name: 'My Integration',
      lastFour: key.slice(-4),
      createdAt: TIME,
      status: 'active',
      environment: 'live',
      scopes: [],
      products: [],
      format: 'default',
      ownerId: null,
      metadata: {},
      allowedCidrs: [],
      rateLimits: [],
      quota: null,
      expiresAt: null,
      lastUsedAt: null,
      createdBy: { type: 'person', id: expect.stringMatching(/^usr_/) },
      revokedAt: null,
      revocationReason: null,
      secrets: [{ id: expect.stringMatching(/^sec_/), lastFour: key.slice(-4), createdAt: TIME, endsAt: null, lastUsedAt: null }],
    },
    warning: 'Save this key now - it will not be shown again!',
  });
});

test('a key that asks for everything gets it', async () => {
  await owner.post('/products', { id: 'shirts', name: 'Shirts' });
  const expiresAt = new Date(Date.now() + 86_400_000);
  const asked = {
    name: 'All',
    environment: 'test',
    scopes: ['garments:read', 'customers:*'],
    products: ['shirts'],
    ownerId: 'customer-7',
    metadata: { plan: 'gold', nested: { list: [1, null, 'ü'] }, constructor: 1 },
    allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'],
    rateLimits: [{ name: 'per-minute', limit: 60, windowSeconds: 60 }],
    quota: { remaining: 1_000, refill: { amount: 500, interval: 'month' } },
  };
  const { status, body } = await owner.post('/keys', { ...asked, expiresAt: expiresAt.toISOString().replace('Z', '+00:00') });
  expect(status).toBe(201);
  expect(body).toMatchObject({ metadata: { ...asked, expiresAt: expiresAt.toISOString() } });
});

describe('the format decides about the token', () => {
  test.each([
    ['garmint', /^gm_live_[0-9a-f]{64}$/, 'live'],
    ['keymint', /^at_[0-9A-Za-z]{44}$/, null],
  ])('%s', async (format, token, environment) => {
    const { body } = await owner.post('/keys', { name: format, format });
    expect(body).toMatchObject({ key: expect.stringMatching(token), metadata: { format, environment } });
  });

  test("the policy's, where the request names none", async () => {
    await owner.patch('/policy', { defaultFormat: 'garmint' });
    const { body } = await owner.post('/keys', { name: 'by policy' });
    await owner.patch('/policy', { defaultFormat: 'default' });
    expect(body).toMatchObject({ key: expect.stringMatching(/^gm_live_/), metadata: { format: 'garmint' } });
  });
});

test("Garmint's expiresInDays counts in days", async () => {
  const { body } = await owner.post('/keys', { name: 'Temp Integration', expiresInDays: 30 });
  const { metadata } = body as { metadata: { createdAt: string; expiresAt: string } };
  const days = (Date.parse(metadata.expiresAt) - Date.parse(metadata.createdAt)) / 86_400_000;
  expect(days).toBeCloseTo(30, 3);
});

test("Keymint's scopes of products set the products", async () => {
  const { body } = await owner.post('/keys', { name: 'all', scopes: ['customers:read', 'products:all'] });
  expect(body).toMatchObject({ metadata: { scopes: ['customers:read'], products: 'all' } });
});
