import { afterEach, describe, expect, test } from '@jest/globals';
import { type AdminClient, bearer } from '../../support/admin-client.js';
import { faultPaths, mint, newcomer } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();
afterEach(() => owner.patch('/policy', FREE));

const FREE = {
  defaultFormat: 'default',
  maxLifetimeDays: null,
  expiryRequired: false,
  cidrRequired: false,
  rotationDays: 90,
  allowedScopesByRole: { owner: null, admin: null, developer: null, viewer: null, managementKey: null },
};

describe('the policy', () => {
  test('begins with rotation after 90 days and no other rule', async () => {
    expect((await owner.get('/policy')).body).toEqual(FREE);
  });

  test('keeps what a change does not name', async () => {
    const allowedScopesByRole = { ...FREE.allowedScopesByRole, developer: ['garments:*'] };
    const changed = await owner.patch('/policy', { rotationDays: 30, allowedScopesByRole: { developer: ['garments:*'] } });
    expect([changed.status, changed.body]).toEqual([200, { ...FREE, rotationDays: 30, allowedScopesByRole }]);
    const back = await owner.patch('/policy', { rotationDays: 90, allowedScopesByRole: { developer: null } });
    expect(back.body).toEqual(FREE);
  });

  test.each<[string, object, string[]]>([
    ['a format that the account lacks', { defaultFormat: 'nope' }, ['defaultFormat']],
    ['no days', { maxLifetimeDays: 0, rotationDays: 0 }, ['maxLifetimeDays', 'rotationDays']],
    ['half a day', { rotationDays: 1.5 }, ['rotationDays']],
    ['what is no pattern', { allowedScopesByRole: { admin: ['*', 'nonsense'] } }, ['allowedScopesByRole.admin.1']],
    ['a role that there is not', { allowedScopesByRole: { king: [] } }, ['allowedScopesByRole.king']],
    ['a rule that there is not', { maxKeys: 3 }, ['maxKeys']],
  ])('does not take %s', async (_, rules, paths) => {
    const refused = await owner.patch('/policy', rules);
    expect([refused.status, faultPaths(refused)]).toEqual([400, paths]);
    expect((await owner.get('/policy')).body).toEqual(FREE);
  });
});

describe('while a policy is in force', () => {
  const kept = { expiresInDays: 30, allowedCidrs: ['192.0.2.0/24'] };

  test.each<[string, object, object, string[]]>([
    ['without an end', { expiryRequired: true }, {}, ['expiresAt']],
    ['without an end, which outlives every longest life', { maxLifetimeDays: 90 }, {}, ['expiresAt']],
    ['that lives a day too long', { maxLifetimeDays: 90 }, { expiresInDays: 91 }, ['expiresInDays']],
    ['that ends too late', { maxLifetimeDays: 90 }, { expiresAt: '2100-01-01T00:00:00Z' }, ['expiresAt']],
    ['for use from anywhere', { cidrRequired: true }, {}, ['allowedCidrs']],
    [
      'with a scope that is not for the role',
      { allowedScopesByRole: { owner: ['garments:*', 'customers:read'] } },
      { scopes: ['garments:*', 'customers:read', 'licenses:read'] },
      ['scopes.2'],
    ],
  ])('no key %s is issued', async (_, rules, fields, paths) => {
    await owner.patch('/policy', rules);
    const refused = await owner.post('/keys', { name: 'a key', ...fields });
    expect([refused.status, faultPaths(refused)]).toEqual([400, paths]);
  });

  test('keys that keep it are issued, to the last day', async () => {
    await owner.patch('/policy', { maxLifetimeDays: 30, expiryRequired: true, cidrRequired: true });
    await expect(mint(owner, kept)).resolves.toBeDefined();
  });

  test('each role and management keys have scopes of their own', async () => {
    const accountId = ((await owner.get('/auth/session')).body as { account: { id: string } }).account.id;
    const developer = await newcomer(stack, { role: 'developer', accountId });
    const automation = bearer(stack, (await mint(owner, { scopes: ['mintmark:keys:write'] })).token);
    await owner.patch('/policy', { allowedScopesByRole: { developer: ['garments:*'], managementKey: ['customers:read'] } });
    const asks = async (who: AdminClient, scope: string) => (await who.post('/keys', { name: 'a key', scopes: [scope] })).status;
    expect([await asks(developer, 'garments:read'), await asks(developer, 'customers:read')]).toEqual([201, 400]);
    expect([await asks(automation, 'garments:read'), await asks(automation, 'customers:read')]).toEqual([400, 201]);
    expect([await asks(owner, 'garments:read'), await asks(owner, 'customers:read')]).toEqual([201, 201]);
  });

  test('nobody gets the token of a key that their role may not make, nor deletes it for good: revoking it is anybody’s', async () => {
    const accountId = ((await owner.get('/auth/session')).body as { account: { id: string } }).account.id;
    const developer = await newcomer(stack, { role: 'developer', accountId });
    const [all, garments] = [await mint(owner, { scopes: ['*'] }), await mint(owner, { scopes: ['garments:read'] })];
    await owner.patch('/policy', { allowedScopesByRole: { developer: ['garments:*'] } });
    const rotate = async (who: AdminClient, { id }: { id: string }) =>
      (await who.post(`/keys/${id}/rotate`, { graceSeconds: 0 })).status;
    expect([await rotate(developer, all), await rotate(developer, garments), await rotate(owner, all)]).toEqual([403, 201, 201]);
    const erase = async (who: AdminClient, { id }: { id: string }) => (await who.delete(`/keys/${id}?permanent=true`)).status;
    expect([await erase(developer, all), await erase(developer, garments)]).toEqual([403, 200]);
    expect((await owner.get(`/keys/${all.id}`)).body).toMatchObject({ status: 'active' });
    expect([(await developer.delete(`/keys/${all.id}`)).status, await erase(owner, all)]).toEqual([200, 200]);
  });

  test('nobody lifts the limits of a key whose scopes their role may not have: bounding, disabling and enabling it are anybody’s', async () => {
    const accountId = ((await owner.get('/auth/session')).body as { account: { id: string } }).account.id;
    const developer = await newcomer(stack, { role: 'developer', accountId });
    await owner.post('/products', { id: 'lifted', name: 'Lifted' });
    const all = await mint(owner, { ...kept, scopes: ['*', 'garments:read'] });
    await owner.patch('/policy', { allowedScopesByRole: { developer: ['garments:*'] } });
    const changed = async (who: AdminClient, changes: object) => (await who.patch(`/keys/${all.id}`, changes)).status;

    for (const lift of [
      { expiresAt: null },
      { expiresAt: '2060-01-01T00:00:00Z' },
      { allowedCidrs: [] },
      { products: ['lifted'] },
    ]) {
      expect([lift, await changed(developer, lift)]).toEqual([lift, 403]);
    }
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const bound = { expiresAt: soon, allowedCidrs: ['192.0.2.7'], products: [], name: 'bounded' };
    for (const changes of [bound, { enabled: false }, { enabled: true }]) expect(await changed(developer, changes)).toBe(200);
    expect(await changed(owner, { expiresAt: null, allowedCidrs: [], products: ['lifted'] })).toBe(200);
    expect(await changed(developer, { scopes: ['garments:read'], expiresAt: '2060-01-01T00:00:00Z' })).toBe(200);
  });

  test('a key that breaks it goes on, and is changed in everything that the policy says nothing about', async () => {
    const { id, token } = await mint(owner, { scopes: ['garments:read', 'garments:write'] });
    await owner.patch('/policy', { expiryRequired: true, cidrRequired: true, allowedScopesByRole: { owner: ['customers:*'] } });
    const garments = await fetch(`${stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${token}` } });
    expect(garments.status).toBe(200);
    const changes = { name: 'renamed', scopes: ['garments:read'], expiresAt: null, allowedCidrs: [] };
    expect((await owner.patch(`/keys/${id}`, changes)).status).toBe(200);
  });

  test('no change breaks it', async () => {
    const { id } = await mint(owner, { ...kept, scopes: ['garments:read'] });
    const before = (await owner.get(`/keys/${id}`)).body;
    await owner.patch('/policy', { maxLifetimeDays: 60, cidrRequired: true, allowedScopesByRole: { owner: ['garments:*'] } });
    const refused = await owner.patch(`/keys/${id}`, {
      scopes: ['garments:*', 'customers:read'],
      allowedCidrs: [],
      expiresAt: '2100-01-01T00:00:00Z',
    });
    expect([refused.status, faultPaths(refused).sort()]).toEqual([400, ['allowedCidrs', 'expiresAt', 'scopes.1']]);
    expect((await owner.get(`/keys/${id}`)).body).toEqual(before);
  });
});

describe('the keys that break the policy', () => {
  type Listed = { data: { key: { id: string }; violations: { rule: string; path: string }[] }[]; nextCursor: string | null };
  const violations = async (query = '') => (await owner.get(`/policy/violations${query}`)).body as Listed;

  test('are listed with what they break, page by page, until they are changed or end', async () => {
    const free = await mint(owner, { scopes: ['licenses:read', 'licenses:write'] });
    const long = await mint(owner, { expiresInDays: 365, allowedCidrs: ['192.0.2.0/24'] });
    const fine = await mint(owner, { expiresInDays: 30, allowedCidrs: ['192.0.2.0/24'] });
    const revoked = await mint(owner);
    await owner.delete(`/keys/${revoked.id}`);
    expect((await violations()).data).toEqual([]);

    await owner.patch('/policy', {
      maxLifetimeDays: 90,
      expiryRequired: true,
      cidrRequired: true,
      allowedScopesByRole: { owner: ['licenses:read'] },
    });
    const { data } = await violations('?limit=200');
    const broken = new Map(data.map(({ key, violations: each }) => [key.id, each.map(({ rule, path }) => `${rule} ${path}`)]));
    expect(broken.get(free.id)).toEqual([
      'expiryRequired expiresAt',
      'cidrRequired allowedCidrs',
      'allowedScopesByRole scopes.1',
    ]);
    expect(broken.get(long.id)).toEqual(['maxLifetimeDays expiresAt']);
    expect([broken.has(fine.id), broken.has(revoked.id)]).toEqual([false, false]);

    const paged: string[] = [];
    for (let query = '?limit=1'; query !== '';) {
      const page = await violations(query);
      paged.push(...page.data.map(({ key }) => key.id));
      query = page.nextCursor === null ? '' : `?limit=1&cursor=${page.nextCursor}`;
    }
    expect(paged).toEqual([...broken.keys()]);

    const soon = new Date(Date.now() + 86_400_000).toISOString();
    await owner.patch(`/keys/${free.id}`, { expiresAt: soon, allowedCidrs: ['192.0.2.7'], scopes: ['licenses:read'] });
    await owner.delete(`/keys/${long.id}`);
    const left = (await violations('?limit=200')).data.map(({ key }) => key.id);
    expect([left.includes(free.id), left.includes(long.id)]).toEqual([false, false]);
  });

  test('of another account are not seen', async () => {
    const stranger = await newcomer(stack, { role: 'owner' });
    await mint(owner);
    await owner.patch('/policy', { expiryRequired: true });
    await stranger.patch('/policy', { expiryRequired: true });
    expect((await stranger.get('/policy/violations')).body).toEqual({ data: [], nextCursor: null });
    const cursor = (await violations('?limit=1')).nextCursor;
    expect((await owner.get(`/policy/violations?cursor=${cursor ?? ''}x`)).status).toBe(400);
  });
});
