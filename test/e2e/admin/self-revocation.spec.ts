import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tokenSha256 } from '#libs/key-domain';
import { bearer } from '../../support/admin-client.js';
import { type Installation, startInstallation } from '../verifier/installation.js';
import { errorCode, faultPaths } from './office.js';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

const ENFORCED = { verifiers: 1, ms: expect.any(Number), by: 'acknowledgement' };
const codeOf = (token: string) => installation.verifier.code({ tokenSha256: tokenSha256(token) });
const revokeSelf = (token: string, body?: unknown) => bearer(installation.stack, token).post('/keys/self/revoke', body);
const recordOf = async (id: string) => {
  const { body } = await installation.admin.get(`/audit?action=key.revoked&target=${id}`);
  return (body as { readonly data: readonly object[] }).data;
};

test('a key without any scope revokes itself: nobody accepts it once that has returned, and it learns nothing new', async () => {
  const { id, token } = await installation.mint({ name: 'found', ownerId: 'hidden' });
  expect(await codeOf(token)).toBe('VALID');
  const known = await bearer(installation.stack, token).get('/keys/self');
  const answer = await revokeSelf(token);
  expect([answer.status, answer.body]).toEqual([200, { metadata: known.body, enforced: ENFORCED }]);
  expect(await codeOf(token)).toBe('REVOKED');
  const { body } = await installation.admin.get(`/keys/${id}`);
  expect(body).toMatchObject({ status: 'revoked', revocationReason: 'key_compromise' });
});

test('it may say why, and the record says that it was the key itself', async () => {
  const { id, token } = await installation.mint();
  await revokeSelf(token, { reason: 'superseded', description: 'Moved to another key.' });
  expect(await recordOf(id)).toMatchObject([
    {
      actor: { type: 'key', id },
      address: '127.0.0.1',
      after: { revocationReason: 'superseded', revocationDescription: 'Moved to another key.' },
    },
  ]);
});

test('with each of its tokens', async () => {
  const { id, token } = await installation.mint();
  const { body } = await installation.admin.post(`/keys/${id}/rotate`, { graceSeconds: 60 });
  const newer = (body as { readonly key: string }).key;
  expect((await revokeSelf(token)).status).toBe(200);
  expect([await codeOf(token), await codeOf(newer)]).toEqual(['REVOKED', 'REVOKED']);
});

test('again it is refused, like anywhere else', async () => {
  const { token } = await installation.mint();
  await revokeSelf(token);
  const again = await revokeSelf(token);
  expect([again.status, errorCode(again)]).toEqual([401, 'unauthorized']);
});

test('a person is no key, and what is no reason is refused', async () => {
  expect((await installation.admin.post('/keys/self/revoke')).status).toBe(401);
  const { token } = await installation.mint();
  const answer = await revokeSelf(token, { reason: 'boredom', force: true });
  expect([answer.status, faultPaths(answer).sort()]).toEqual([400, ['force', 'reason']]);
  expect(await codeOf(token)).toBe('VALID');
});
