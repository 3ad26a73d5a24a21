import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from './installation.js';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

test('ACCOUNT_SUSPENDED: every key of a suspended account is refused, and good again when it is resumed', async () => {
  const { token, id } = await installation.mint();
  const { body } = await installation.admin.get('/auth/session');
  const { account } = body as { readonly account: { readonly id: string } };
  expect(await installation.admin.post(`/accounts/${account.id}/suspend`)).toMatchObject({ status: 200 });
  expect(await installation.verifier.verifyToken({ token })).toMatchObject({
    valid: false,
    code: 'ACCOUNT_SUSPENDED',
    grant: { keyId: id },
  });
  expect(await installation.admin.post(`/accounts/${account.id}/resume`)).toMatchObject({ status: 200 });
  expect(await installation.verifier.verifyToken({ token })).toMatchObject({ valid: true, code: 'VALID' });
});
