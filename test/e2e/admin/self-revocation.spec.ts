import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tokenSha256 } from '#libs/key-domain';
import { bearer } from '../../support/admin-client.js';
import { type Installation, startInstallation } from '../verifier/installation.js';
import { errorCode, faultPaths, inDatabase } from './office.js';

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

test('also when whoever stole it has used it up', async () => {
  const rateLimits = [{ name: 'per-day', limit: 1, windowSeconds: 86_400 }];
  for (const [code, limits] of [
    ['RATE_LIMITED', { rateLimits }],
    ['QUOTA_EXCEEDED', { quota: { remaining: 1 } }],
  ] as const) {
    const { token } = await installation.mint(limits);
    expect([await codeOf(token), await codeOf(token)]).toEqual(['VALID', code]);
    const answer = await revokeSelf(token);
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([200, false]);
    expect(await codeOf(token)).toBe('REVOKED');
  }
});

test('again it answers the same, changes nothing, and gives it nothing else', async () => {
  const { id, token } = await installation.mint({ scopes: ['mintmark:keys:read'] });
  const first = await revokeSelf(token, { reason: 'superseded' });
  const again = await revokeSelf(token, { reason: 'key_compromise' });
  const { metadata } = first.body as { readonly metadata: object };
  expect([again.status, again.body]).toEqual([200, { metadata, enforced: ENFORCED }]);
  expect([again.headers.has('www-authenticate'), again.headers.get('cache-control')]).toEqual([false, 'no-store']);
  expect(await recordOf(id)).toMatchObject([{ after: { revocationReason: 'superseded' } }]);
  for (const path of ['/keys/self', '/keys', `/keys/${id}`]) {
    const refused = await bearer(installation.stack, token).get(path);
    expect([refused.status, errorCode(refused)]).toEqual([401, 'unauthorized']);
  }
  const { status } = await bearer(installation.stack, token).post('/keys', { name: 'a key' });
  expect(status).toBe(401);
});

test('again, however often, it writes nothing: anybody may know the token by then', async () => {
  const { token } = await installation.mint();
  await revokeSelf(token);
  const written = () =>
    inDatabase(installation.stack, (sql) => sql('SELECT head, (SELECT count(*) FROM idempotency_records) FROM change_journal'));
  const before = await written();
  const once = (n: number) =>
    bearer(installation.stack, token).post('/keys/self/revoke', undefined, { 'idempotency-key': `once ${n}` });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => once(n)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await written()).toEqual(before);
});

test('of a key that somebody else revoked, or all at once, it says that this is in force', async () => {
  const [one, other] = [await installation.mint(), await installation.mint({ ownerId: 'gone' })];
  await installation.admin.delete(`/keys/${one.id}`);
  await installation.admin.post('/keys/revoke-matching', { ownerId: 'gone', reason: 'privilege_withdrawn' });
  for (const { token } of [one, other])
    expect(await revokeSelf(token)).toMatchObject({ status: 200, body: { enforced: ENFORCED } });
});

test('a token that was rotated away ends nothing, nor does one that is disabled, expired, deleted, or none', async () => {
  const { id, token } = await installation.mint();
  const { body } = await installation.admin.post(`/keys/${id}/rotate`, { graceSeconds: 0 });
  const disabled = await installation.mint();
  await installation.admin.patch(`/keys/${disabled.id}`, { enabled: false });
  const deleted = await installation.mint();
  await installation.admin.delete(`/keys/${deleted.id}?permanent=true`);
  for (const refused of [token, disabled.token, deleted.token, 'none']) {
    const answer = await revokeSelf(refused);
    expect([answer.status, errorCode(answer), answer.headers.has('www-authenticate')]).toEqual([401, 'unauthorized', true]);
  }
  expect(await codeOf((body as { readonly key: string }).key)).toBe('VALID');
  expect(await codeOf(disabled.token)).toBe('DISABLED');
});

test('a person is no key, and what is no reason is refused', async () => {
  expect((await installation.admin.post('/keys/self/revoke')).status).toBe(401);
  const { token } = await installation.mint();
  const answer = await revokeSelf(token, { reason: 'boredom', force: true });
  expect([answer.status, faultPaths(answer).sort()]).toEqual([400, ['force', 'reason']]);
  expect(await codeOf(token)).toBe('VALID');
});
