import { describe, expect, test } from '@jest/globals';
import { bearer } from '../../support/admin-client.js';
import { errorCode, faultPaths, mint, newcomer } from './office.js';
import { accountId, officeForTests, owner, stack } from './own-office.js';

officeForTests();

const ENFORCED = { verifiers: 1, ms: expect.any(Number), by: 'acknowledgement' };
const garments = async (token: string): Promise<number> =>
  (await fetch(`${stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${token}` } })).status;

describe('when the call that takes a right away returns, no service grants it', () => {
  test('a disabled key opens nothing until it is enabled again', async () => {
    const { id, token } = await mint(owner, { scopes: ['garments:read'] });
    const off = await owner.patch(`/keys/${id}`, { enabled: false });
    expect(off).toMatchObject({ status: 200, body: { metadata: { id, status: 'disabled' }, enforced: ENFORCED } });
    expect(await garments(token)).toBe(401);
    const on = await owner.patch(`/keys/${id}`, { enabled: true });
    expect(on).toMatchObject({ status: 200, body: { metadata: { status: 'active' } } });
    expect(await garments(token)).toBe(200);
  });

  test('narrowed scopes', async () => {
    const { id, token } = await mint(owner, { scopes: ['garments:*'] });
    expect(await garments(token)).toBe(200);
    const { body } = await owner.patch(`/keys/${id}`, { scopes: ['garments:write'] });
    expect(body).toMatchObject({ metadata: { scopes: ['garments:write'] }, enforced: ENFORCED });
    expect(await garments(token)).toBe(403);
  });

  test('an address list', async () => {
    const { id, token } = await mint(owner, { scopes: ['garments:read'] });
    await owner.patch(`/keys/${id}`, { allowedCidrs: ['192.0.2.0/24'] });
    expect(await garments(token)).toBe(403);
  });
});

describe('what can be changed', () => {
  test('is changed, and nothing else; the token stays the same', async () => {
    const { id } = await mint(owner, { scopes: ['garments:read'], ownerId: 'customer-7', expiresInDays: 30 });
    const before = (await owner.get(`/keys/${id}`)).body as object;
    const changes = { name: 'renamed', metadata: { team: 'looms' }, expiresAt: null };
    const { body } = await owner.patch(`/keys/${id}`, changes);
    expect(body).toEqual({ metadata: { ...before, ...changes }, enforced: ENFORCED });
    expect((await owner.get(`/keys/${id}`)).body).toEqual({ ...before, ...changes });
  });

  test.each<[string, object, string]>([
    ['what a key keeps for life', { environment: 'test' }, 'environment'],
    ['a rate limit without a window', { rateLimits: [{ name: 'a', limit: 1 }] }, 'rateLimits.0.windowSeconds'],
    ['a quota without credits', { quota: { refill: { amount: 1, interval: 'hour' } } }, 'quota.remaining'],
    ['a scope that is none', { scopes: ['garments'] }, 'scopes.0'],
    ['a scope that the account does not offer', { scopes: ['garments:read', 'garments:burn'] }, 'scopes.1'],
    ['what is no address', { allowedCidrs: ['10.0.0.0/8', '10.0.0.0/33'] }, 'allowedCidrs.1'],
    ['metadata of over 4 KB', { metadata: { a: 'x'.repeat(4096) } }, 'metadata'],
    ['a product that the account lacks', { products: ['none'] }, 'products.0'],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['an enabled that is neither true nor false', { enabled: 'no' }, 'enabled'],
  ])('is not %s', async (_, body, path) => {
    const { id } = await mint(owner);
    const before = await owner.get(`/keys/${id}`);
    const refused = await owner.patch(`/keys/${id}`, body);
    expect([refused.status, faultPaths(refused)]).toEqual([400, [path]]);
    expect((await owner.get(`/keys/${id}`)).body).toEqual(before.body);
  });
});

describe('limits', () => {
  const rateLimits = [{ name: 'per-day', limit: 1_000, windowSeconds: 86_400 }];
  const quota = { remaining: 5, refill: { amount: 5, interval: 'month' } };

  test('are given, replaced as a whole and taken away, and every answer shows them', async () => {
    const { id } = await mint(owner);
    const steps: readonly (readonly [object, object])[] = [
      [
        { rateLimits, quota },
        { rateLimits, quota },
      ],
      [{ quota: { remaining: 7 } }, { rateLimits, quota: { remaining: 7, refill: null } }],
      [{ name: 'renamed' }, { rateLimits, quota: { remaining: 7, refill: null } }],
      [
        { rateLimits: [], quota: null },
        { rateLimits: [], quota: null },
      ],
    ];
    for (const [changes, shown] of steps) {
      expect((await owner.patch(`/keys/${id}`, changes)).body).toMatchObject({ metadata: shown, enforced: ENFORCED });
      expect((await owner.get(`/keys/${id}`)).body).toMatchObject(shown);
      expect((await owner.get('/keys?limit=1')).body).toMatchObject({ data: [shown] });
    }
    await owner.patch(`/keys/${id}`, { rateLimits, quota });
    for (const [path, body] of [
      ['rotate', { graceSeconds: 0 }],
      ['revoke', { reason: 'superseded' }],
    ] as const)
      expect((await owner.post(`/keys/${id}/${path}`, body)).body).toMatchObject({ metadata: { rateLimits, quota } });
  });

  test('that were lowered are kept by the next request, and what was used up opens again when credits are set', async () => {
    const { id, token } = await mint(owner, { scopes: ['garments:read'], quota: { remaining: 100 } });
    expect(await garments(token)).toBe(200);
    await owner.patch(`/keys/${id}`, { quota: { remaining: 1 } });
    expect([await garments(token), await garments(token)]).toEqual([200, 402]);
    expect((await owner.get(`/keys/${id}`)).body).toMatchObject({ quota: { remaining: 0, refill: null } });
    await owner.patch(`/keys/${id}`, { quota: { remaining: 1 } });
    expect([await garments(token), await garments(token)]).toEqual([200, 402]);
    await owner.patch(`/keys/${id}`, { quota: null });
    expect(await garments(token)).toBe(200);
  });

  test('stand in the record as they were set', async () => {
    const { id } = await mint(owner, { quota: { remaining: 5 } });
    await owner.patch(`/keys/${id}`, { rateLimits, quota });
    expect((await owner.get(`/audit?target=${id}&action=key.updated`)).body).toMatchObject({
      data: [{ before: { rateLimits: [], quota: { remaining: 5, refill: null } }, after: { rateLimits, quota } }],
    });
  });

  test('are nothing for a key by which services verify, in whatever order it is asked', async () => {
    const service = await mint(owner, { scopes: ['mintmark:tokens:verify'] });
    const limited = await mint(owner, { rateLimits });
    const answers = [
      await owner.patch(`/keys/${service.id}`, { rateLimits, quota }),
      await owner.patch(`/keys/${limited.id}`, { scopes: ['mintmark:tokens:verify'] }),
    ];
    expect(answers.map((answer) => [answer.status, faultPaths(answer)])).toEqual([
      [400, ['rateLimits', 'quota']],
      [400, ['scopes.0']],
    ]);
  });
});

describe('who may change what', () => {
  test('a revoked key is changed by nobody: revocation is final', async () => {
    const { id } = await mint(owner);
    await owner.post(`/keys/${id}/revoke`, { reason: 'superseded' });
    const refused = await owner.patch(`/keys/${id}`, { enabled: true });
    expect([refused.status, errorCode(refused)]).toEqual([409, 'conflict']);
  });

  test("another account's key answers as if it did not exist", async () => {
    const { id } = await mint(owner);
    const stranger = await newcomer(stack, { role: 'owner' });
    const answers = [await stranger.patch(`/keys/${id}`, { enabled: false }), await owner.patch('/keys/key_none', {})];
    expect(answers.map((answer) => [answer.status, errorCode(answer)])).toEqual(Array(2).fill([404, 'not_found']));
  });

  test('a viewer changes nothing, and a developer no key that may do more than they may grant', async () => {
    const [viewer, developer] = [
      await newcomer(stack, { role: 'viewer', accountId }),
      await newcomer(stack, { role: 'developer', accountId }),
    ];
    const plain = await mint(owner);
    const management = await mint(owner, { scopes: ['mintmark:keys:write'], expiresInDays: 1 });
    expect((await viewer.patch(`/keys/${plain.id}`, { enabled: false })).status).toBe(403);
    expect((await developer.patch(`/keys/${plain.id}`, { enabled: false })).status).toBe(200);
    expect((await developer.patch(`/keys/${management.id}`, { expiresAt: null })).status).toBe(403);
    expect((await developer.patch(`/keys/${plain.id}`, { scopes: ['mintmark:keys:write'] })).status).toBe(403);
  });

  test('a management key changes keys, and grants none of the rights that it lacks', async () => {
    const { token } = await mint(owner, { scopes: ['mintmark:keys:write'] });
    const { id } = await mint(owner);
    const automation = bearer(stack, token);
    expect((await automation.patch(`/keys/${id}`, { enabled: false })).status).toBe(200);
    expect((await automation.patch(`/keys/${id}`, { scopes: ['mintmark:account:write'] })).status).toBe(403);
  });
});
