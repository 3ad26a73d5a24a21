import { describe, expect, test } from '@jest/globals';
import { errorCode, faultPaths, mint } from './office.js';
import { officeForTests, owner } from './own-office.js';

officeForTests();

describe('products', () => {
  test('are listed newest first, by their own ids or made ones', async () => {
    const named = await owner.post('/products', { id: 'shirts', name: 'Shirts' });
    const made = await owner.post('/products', { name: 'Trousers' });
    expect([named.status, made.status]).toEqual([201, 201]);
    expect(made.body).toMatchObject({ id: expect.stringMatching(/^prod_/), name: 'Trousers' });
    expect((await owner.get('/products')).body).toEqual({ data: [made.body, named.body], nextCursor: null });
  });

  test('are there once', async () => {
    await owner.post('/products', { id: 'twice', name: 'One' });
    const again = await owner.post('/products', { id: 'twice', name: 'Two' });
    expect([again.status, errorCode(again)]).toEqual([409, 'conflict']);
  });
});

describe('scopes', () => {
  test('are offered by group, page by page', async () => {
    const added = await owner.post('/scopes', { name: 'garments:iron', group: 'Garments', description: 'Iron garments' });
    expect([added.status, added.body]).toEqual([201, { name: 'garments:iron', group: 'Garments', description: 'Iron garments' }]);
    const all = ((await owner.get('/scopes')).body as { data: { name: string }[] }).data.map(({ name }) => name);
    const first = (await owner.get('/scopes?limit=5')).body as { data: { name: string }[]; nextCursor: string };
    const rest = (await owner.get(`/scopes?limit=200&cursor=${first.nextCursor}`)).body as typeof first;
    expect([...first.data, ...rest.data].map(({ name }) => name)).toEqual(all);
    expect(all).toContain('garments:iron');
  });

  test.each([
    ['what is no scope', 'garments'],
    ["Mintmark's own", 'mintmark:keys:read'],
    ['what looks like it', 'mintmark:keys:burn'],
  ])('of this name are refused: %s', async (_, name) => {
    expect(faultPaths(await owner.post('/scopes', { name }))).toEqual(['name']);
  });

  test('must be offered to be granted; a wildcard is offered with any scope that it grants', async () => {
    const refused = await owner.post('/keys', { name: 'a key', scopes: ['garments:read', 'unheard:of', '*', 'unheard:*'] });
    expect([refused.status, faultPaths(refused)]).toEqual([400, ['scopes.1', 'scopes.3']]);
    const { id } = await mint(owner, { scopes: ['garments:*', 'customers:read', '*', 'mintmark:tokens:verify'] });
    const changed = await owner.patch(`/keys/${id}`, { scopes: ['customers:read', 'unheard:of'] });
    expect([changed.status, faultPaths(changed)]).toEqual([400, ['scopes.1']]);
    await owner.post('/scopes', { name: 'unheard:of' });
    expect((await owner.patch(`/keys/${id}`, { scopes: ['unheard:*', 'unheard:of'] })).status).toBe(200);
  });
});

describe('key formats', () => {
  test('of one’s own mint tokens', async () => {
    const format = { name: 'partners', prefix: 'crown', environments: ['sandbox', 'live'], encoding: 'hex64' };
    const added = await owner.post('/key-formats', format);
    expect([added.status, added.body]).toEqual([201, format]);
    expect((await mint(owner, { format: 'partners' })).token).toMatch(/^crown_sandbox_[0-9a-f]{64}$/);
    expect((await owner.post('/key-formats', format)).status).toBe(409);
  });

  test.each([
    [{ name: 'x', prefix: 'no_dividers', environments: [], encoding: 'hex64' }, ['prefix']],
    [{ name: 'x', prefix: 'p', environments: ['a', 'a'], encoding: 'hex64' }, ['environments']],
    [{ name: 'x', prefix: 'p', environments: ['A'], encoding: 'rot13' }, ['environments.0', 'encoding']],
  ])('that could not be read back are refused: %j', async (format, paths) => {
    expect(faultPaths(await owner.post('/key-formats', format))).toEqual(paths);
  });
});

describe('what is in the catalogue can be changed and taken out', () => {
  const gone = async (path: string) => errorCode(await owner.delete(path));

  test('a product, once no key lists it', async () => {
    const { body } = await owner.post('/products', { id: 'hats', name: 'Hats' });
    const renamed = await owner.patch('/products/hats', { name: 'Caps' });
    expect([renamed.status, renamed.body]).toEqual([200, { ...(body as object), name: 'Caps' }]);
    const { id } = await mint(owner, { products: ['hats'] });
    expect((await owner.delete('/products/hats')).status).toBe(409);
    await owner.patch(`/keys/${id}`, { products: [] });
    expect((await owner.delete('/products/hats')).status).toBe(200);
    expect(await gone('/products/hats')).toBe('not_found');
    expect(faultPaths(await owner.post('/keys', { name: 'a key', products: ['hats'] }))).toEqual(['products.0']);
  });

  test('a scope: keys that hold it keep it, and no other key gets it', async () => {
    await owner.post('/scopes', { name: 'looms:run', group: 'Looms', description: 'Run looms' });
    const changed = await owner.patch('/scopes/looms:run', { description: 'Run them' });
    expect([changed.status, changed.body]).toEqual([200, { name: 'looms:run', group: 'Looms', description: 'Run them' }]);
    const { id } = await mint(owner, { scopes: ['looms:run', 'garments:read'] });
    expect((await owner.delete('/scopes/looms:run')).status).toBe(200);
    expect(await gone('/scopes/looms:run')).toBe('not_found');
    expect(faultPaths(await owner.post('/keys', { name: 'a key', scopes: ['looms:run'] }))).toEqual(['scopes.0']);
    const kept = await owner.patch(`/keys/${id}`, { scopes: ['looms:run', 'customers:read'] });
    expect(kept).toMatchObject({ status: 200, body: { metadata: { scopes: ['looms:run', 'customers:read'] } } });
  });

  test('a key format that no key has and that is not the default, in force when the call returns', async () => {
    const format = { name: 'trial', prefix: 'tr', environments: [], encoding: 'base62' };
    await owner.post('/key-formats', format);
    expect((await owner.get('/key-formats/trial')).body).toEqual(format);
    const removed = await owner.delete('/key-formats/trial');
    expect(removed).toMatchObject({ status: 200, body: { metadata: format, enforced: { verifiers: 1 } } });
    expect(errorCode(await owner.get('/key-formats/trial'))).toBe('not_found');
    expect((await owner.delete('/key-formats/default')).status).toBe(409);
    await mint(owner, { format: 'keymint' });
    expect((await owner.delete('/key-formats/keymint')).status).toBe(409);
  });

  test('names that nothing can have are not found', async () => {
    for (const path of ['/key-formats/%00', `/products/${'x'.repeat(200)}`, '/scopes/none'])
      expect([path, await gone(path)]).toEqual([path, 'not_found']);
  });
});

describe('templates of scopes', () => {
  type Templates = { data: { name: string; scopes: { name: string }[] }[] };

  test('add what an account lacks, and leave what it has', async () => {
    const { data } = (await owner.get('/scope-templates')).body as Templates;
    expect(data.map(({ name }) => name)).toEqual(['keymint', 'garmint']);
    const keymint = data[0]?.scopes ?? [];
    await owner.patch('/scopes/customers:read', { description: 'As we have it' });
    await owner.delete('/scopes/licenses:block');
    const applied = await owner.post('/scopes/apply-template', { template: 'keymint' });
    const blocking = keymint.find(({ name }) => name === 'licenses:block');
    expect([applied.status, applied.body]).toEqual([200, { added: [blocking] }]);
    const offered = ((await owner.get('/scopes?limit=200')).body as { data: { name: string; description: string }[] }).data;
    expect(offered.map(({ name }) => name)).toEqual(expect.arrayContaining(keymint.map(({ name }) => name)));
    expect(offered.find(({ name }) => name === 'customers:read')?.description).toBe('As we have it');
    expect(faultPaths(await owner.post('/scopes/apply-template', { template: 'none' }))).toEqual(['template']);
  });
});
