import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from './installation.js';

describe('a good key is refused for a use that it was not given for', () => {
  let installation: Installation;
  const verify: Installation['verifier']['verifyToken'] = (question) => installation.verifier.verifyToken(question);

  beforeAll(async () => {
    installation = await startInstallation();
  });
  afterAll(() => installation.stop());

  test('ENVIRONMENT_MISMATCH: a key of another environment, or of none where one is named', async () => {
    const [live, none] = [await installation.mint(), await installation.mint({ format: 'keymint' })];
    expect(await verify({ token: live.token, environment: 'live' })).toMatchObject({ code: 'VALID' });
    expect(await verify({ token: live.token, environment: 'test' })).toMatchObject({
      code: 'ENVIRONMENT_MISMATCH',
      grant: { environment: 'live' },
    });
    expect(await verify({ token: none.token })).toMatchObject({ code: 'VALID', grant: { environment: '' } });
    expect(await verify({ token: none.token, environment: 'live' })).toMatchObject({ code: 'ENVIRONMENT_MISMATCH' });
  });

  test.each([
    ['192.0.2.17', 'VALID'],
    ['::ffff:192.0.2.17', 'VALID'],
    ['2001:db8::1', 'VALID'],
    ['192.0.3.1', 'IP_NOT_ALLOWED'],
    ['2001:db9::1', 'IP_NOT_ALLOWED'],
    ['', 'IP_NOT_ALLOWED'],
    ['unknown', 'IP_NOT_ALLOWED'],
  ])('IP_NOT_ALLOWED: where the key has a list, an address outside it or none (%p: %s)', async (clientIp, code) => {
    const { token } = await installation.mint({ allowedCidrs: ['192.0.2.0/24', '2001:db8::/32'] });
    expect(await verify({ token, clientIp })).toMatchObject({ code, valid: code === 'VALID' });
  });

  test('PRODUCT_NOT_ALLOWED: a product that the key was not given', async () => {
    for (const id of ['shirts', 'shoes']) await installation.admin.post('/products', { id, name: id });
    const [some, all, none] = [
      await installation.mint({ products: ['shirts'] }),
      await installation.mint({ products: 'all' }),
      await installation.mint(),
    ];
    const verdict = async (token: string, productId: string) => (await verify({ token, productId })).code;
    expect(await verdict(some.token, 'shirts')).toBe('VALID');
    expect(await verdict(some.token, 'shoes')).toBe('PRODUCT_NOT_ALLOWED');
    expect(await verdict(some.token, '')).toBe('VALID');
    expect(await verdict(all.token, 'shoes')).toBe('VALID');
    expect(await verdict(none.token, 'shirts')).toBe('PRODUCT_NOT_ALLOWED');
    const impossible = '\u0000';
    expect([await verdict(some.token, impossible), await verdict(all.token, impossible)]).toEqual([
      'PRODUCT_NOT_ALLOWED',
      'VALID',
    ]);
  });

  test('PRODUCT_NOT_ALLOWED: a product that the account has no more, to whoever has not every product', async () => {
    await installation.admin.post('/products', { id: 'hats', name: 'Hats' });
    const [freed, all] = [await installation.mint({ products: ['hats'] }), await installation.mint({ products: 'all' })];
    expect((await installation.admin.delete('/products/hats')).status).toBe(409);
    expect((await verify({ token: freed.token, productId: 'hats' })).code).toBe('VALID');
    await installation.admin.patch(`/keys/${freed.id}`, { products: [] });
    expect((await installation.admin.delete('/products/hats')).status).toBe(200);
    expect((await verify({ token: freed.token, productId: 'hats' })).code).toBe('PRODUCT_NOT_ALLOWED');
    expect((await verify({ token: all.token, productId: 'hats' })).code).toBe('VALID');
  });

  test('INSUFFICIENT_SCOPE: names the scopes that are missing, in the order asked', async () => {
    const { token } = await installation.mint({ scopes: ['garments:read', 'customers:*'] });
    expect(await verify({ token, requiredScopes: ['garments:read', 'customers:write'] })).toMatchObject({ code: 'VALID' });
    expect(await verify({ token, requiredScopes: ['zips:read', 'garments:read', 'garments:write'] })).toMatchObject({
      valid: false,
      code: 'INSUFFICIENT_SCOPE',
      missingScopes: ['zips:read', 'garments:write'],
    });
  });

  test('INSUFFICIENT_SCOPE: no wildcard grants a scope of Mintmark itself', async () => {
    const { token } = await installation.mint({ scopes: ['*'] });
    expect(await verify({ token, requiredScopes: ['anything:at-all'] })).toMatchObject({ code: 'VALID' });
    expect(await verify({ token, requiredScopes: ['mintmark:keys:read'] })).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
  });
});
