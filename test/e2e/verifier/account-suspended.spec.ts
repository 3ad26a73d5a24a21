import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from './installation.js';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

test('ACCOUNT_SUSPENDED: every key of a suspended account is refused, and good again when it is resumed', async () => {
  const { token, id } = await installation.mint();
  await installation.sql("UPDATE accounts SET status = 'suspended'");
  expect(await installation.verifier.verifyToken({ token })).toMatchObject({
    valid: false,
    code: 'ACCOUNT_SUSPENDED',
    grant: { keyId: id },
  });
  await installation.sql("UPDATE accounts SET status = 'active'");
  expect(await installation.verifier.verifyToken({ token })).toMatchObject({ valid: true, code: 'VALID' });
});
