import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from './installation.js';
import { failureOf } from './outside-client.js';

const VERIFY = 'mintmark:tokens:verify';

describe('only a service may verify', () => {
  let installation: Installation;
  let token: string;

  beforeAll(async () => {
    installation = await startInstallation();
    ({ token } = await installation.mint());
  });
  afterAll(() => installation.stop());

  const statusFor = async (authorization: string) =>
    (await failureOf(installation.service(authorization).verifyToken({ token }))).status;

  test('without a service key a call is UNAUTHENTICATED, alone and in a batch', async () => {
    const nobody = installation.service(null);
    for (const call of [nobody.verifyToken({ token }), nobody.verifyTokens([{ token }])]) {
      expect(await failureOf(call)).toMatchObject({ status: 'UNAUTHENTICATED' });
    }
  });

  test.each([
    ['nothing', ''],
    ['a scheme alone', 'Bearer '],
    ['text', 'Bearer not-a-key'],
    ['a key that nobody was given', `Bearer mm_live_${'0'.repeat(38)}1gFbYm`],
    ['a megabyte', `Bearer ${'a'.repeat(4000)}`],
  ])('%s for a service key is UNAUTHENTICATED', async (_, authorization) => {
    expect(await statusFor(authorization)).toBe('UNAUTHENTICATED');
  });

  test('a good key in another scheme, in none, or doubled is UNAUTHENTICATED', async () => {
    const { serviceKey } = installation.stack;
    expect(await statusFor(`Basic ${serviceKey}`)).toBe('UNAUTHENTICATED');
    expect(await statusFor(serviceKey)).toBe('UNAUTHENTICATED');
    expect(await statusFor(`Bearer ${serviceKey} ${serviceKey}`)).toBe('UNAUTHENTICATED');
  });

  test('the scheme may be written in lower case (RFC 9110, section 11.1)', async () => {
    expect(await installation.service(`bearer ${installation.stack.serviceKey}`).code({ token })).toBe('VALID');
  });

  test.each([[[]], [['garments:read']], [['*']], [['mintmark:keys:read', 'mintmark:keys:write']]])(
    'a key with the scopes %j may not: PERMISSION_DENIED',
    async (scopes) => {
      const caller = await installation.mint({ scopes });
      expect(await statusFor(`Bearer ${caller.token}`)).toBe('PERMISSION_DENIED');
    },
  );

  test('a minted service key works until the call that revokes it has returned, and then is UNAUTHENTICATED', async () => {
    const caller = await installation.mint({ name: 'service', scopes: [VERIFY] });
    const service = installation.service(`Bearer ${caller.token}`);
    expect(await service.code({ token })).toBe('VALID');
    await installation.revoke(caller);
    expect(await failureOf(service.verifyToken({ token }))).toMatchObject({ status: 'UNAUTHENTICATED' });
  });

  test('an expired or disabled service key is UNAUTHENTICATED', async () => {
    const [expired, disabled] = [await installation.mint({ scopes: [VERIFY] }), await installation.mint({ scopes: [VERIFY] })];
    await installation.sql("UPDATE keys SET expires_at = now() - interval '1 second' WHERE id = $1", [expired.id]);
    await installation.sql('UPDATE keys SET enabled = false WHERE id = $1', [disabled.id]);
    expect(await statusFor(`Bearer ${expired.token}`)).toBe('UNAUTHENTICATED');
    expect(await statusFor(`Bearer ${disabled.token}`)).toBe('UNAUTHENTICATED');
  });

  test('a caller without a right learns nothing of the question: the same answer for every token', async () => {
    const nobody = installation.service('Bearer not-a-key');
    const failures = [];
    for (const asked of [token, '', 'gm_live_xxx']) failures.push(await failureOf(nobody.verifyToken({ token: asked })));
    expect(new Set(failures.map((failure) => JSON.stringify(failure))).size).toBe(1);
  });
});
