import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, startInstallation } from './installation.js';
import { encode } from './outside-client.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

describe('a verdict is an answer, not an error', () => {
  let installation: Installation;
  const verify: Installation['verifier']['verifyToken'] = (question) => installation.verifier.verifyToken(question);

  beforeAll(async () => {
    installation = await startInstallation();
  });
  afterAll(() => installation.stop());

  test('VALID: by the token and by its digest, with everything that the key grants', async () => {
    const key = await installation.mint({
      name: 'Warehouse',
      scopes: ['garments:read', 'customers:*'],
      ownerId: 'customer-7',
      metadata: { plan: 'gold', seats: 3, nested: { on: true } },
      expiresInDays: 30,
    });
    const byToken = await verify({ token: key.token });
    expect(byToken).toMatchObject({ valid: true, code: 'VALID', missingScopes: [] });
    expect(byToken.grant).toMatchObject({
      keyId: key.id,
      secretId: expect.stringMatching(/^sec_/),
      accountId: expect.stringMatching(/^acc_/),
      ownerId: 'customer-7',
      name: 'Warehouse',
      environment: 'live',
      scopes: ['garments:read', 'customers:*'],
      productIds: [],
      allowedCidrs: [],
    });
    const seconds = (byToken.grant?.['expiresAt'] as { seconds: number }).seconds;
    expect(Math.abs(seconds - (Date.now() / 1000 + 30 * 86_400))).toBeLessThan(60);
    const fields = Object.fromEntries(Object.entries((byToken.grant?.['metadata'] as { fields: object }).fields));
    expect(fields).toMatchObject({ plan: { stringValue: 'gold' }, seats: { numberValue: 3 } });
    expect(await verify({ tokenSha256: sha256(key.token) })).toEqual(byToken);
  });

  test.each([
    ['empty', ''],
    ['of a former example', 'gm_live_xxx'],
    ['with an unknown prefix', 'zz_live_00000000000000000000000000000000000000001gFbYm'],
    ['with a NUL', 'mm_live_\0'],
    ['not ASCII', 'mm_live_🪙'],
    ['of a megabyte', 'a'.repeat(1024 * 1024)],
  ])('MALFORMED: a text %s', async (_, token) => {
    const answer = await verify({ token });
    expect(answer).toMatchObject({ valid: false, code: 'MALFORMED' });
    expect(answer.grant).toBeFalsy();
  });

  test('MALFORMED: any one character changed', async () => {
    const { token } = await installation.mint();
    const flip = (index: number) => token.slice(0, index) + (token[index] === 'a' ? 'b' : 'a') + token.slice(index + 1);
    const answers = await installation.verifier.verifyTokens(Array.from(token, (_, index) => ({ token: flip(index) })));
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['MALFORMED']));
  });

  test('NOT_FOUND: a well-formed token, or a digest, that nobody was given', async () => {
    const vector = `mm_live_${'0'.repeat(38)}1gFbYm`;
    for (const question of [{ token: vector }, { tokenSha256: sha256(vector) }, { tokenSha256: sha256('not a token') }]) {
      const answer = await verify(question);
      expect(answer).toMatchObject({ valid: false, code: 'NOT_FOUND' });
      expect(answer.grant).toBeFalsy();
    }
  });

  test('NOT_FOUND: a key that was deleted', async () => {
    const key = await installation.mint();
    expect((await installation.admin.delete(`/keys/${key.id}?permanent=true`)).status).toBe(200);
    expect(await verify({ token: key.token })).toMatchObject({ valid: false, code: 'NOT_FOUND' });
  });

  test('REVOKED: the key, or this secret of it', async () => {
    const [key, secret] = [await installation.mint(), await installation.mint()];
    await installation.revoke(key);
    await installation.sql('UPDATE secrets SET revoked_at = now() WHERE key_id = $1', [secret.id]);
    expect(await verify({ token: key.token })).toMatchObject({ valid: false, code: 'REVOKED', grant: { keyId: key.id } });
    expect(await verify({ token: secret.token })).toMatchObject({ valid: false, code: 'REVOKED' });
  });

  test('EXPIRED: once the expiry that it was issued with has passed', async () => {
    const key = await installation.mint({ expiresAt: new Date(Date.now() + 1000).toISOString() });
    expect(await verify({ token: key.token })).toMatchObject({ code: 'VALID' });
    await sleep(1100);
    expect(await verify({ token: key.token })).toMatchObject({ valid: false, code: 'EXPIRED', grant: { keyId: key.id } });
  });

  test("EXPIRED: once the secret's own end has passed", async () => {
    const key = await installation.mint({ expiresInDays: 1 });
    await installation.sql("UPDATE secrets SET ends_at = now() - interval '1 second' WHERE key_id = $1", [key.id]);
    expect(await verify({ token: key.token })).toMatchObject({ valid: false, code: 'EXPIRED' });
  });

  test('DISABLED: switched off, and VALID again when switched on', async () => {
    const key = await installation.mint();
    await installation.sql('UPDATE keys SET enabled = false WHERE id = $1', [key.id]);
    expect(await verify({ token: key.token })).toMatchObject({ valid: false, code: 'DISABLED', grant: { keyId: key.id } });
    await installation.sql('UPDATE keys SET enabled = true WHERE id = $1', [key.id]);
    expect(await verify({ token: key.token })).toMatchObject({ valid: true, code: 'VALID' });
  });

  test('of two credentials in one request the last on the wire is judged', async () => {
    const [good, bad] = [await installation.mint(), await installation.mint()];
    await installation.revoke(bad);
    const token = (text: string) => encode('VerifyToken', { token: text });
    const digest = (text: string) => encode('VerifyToken', { tokenSha256: sha256(text) });
    const judged = async (...credentials: Buffer[]) => installation.verifier.send('VerifyToken', Buffer.concat(credentials));
    expect(await judged(token(bad.token), digest(good.token))).toMatchObject({ code: 'VERIFICATION_CODE_VALID' });
    expect(await judged(digest(good.token), token(bad.token))).toMatchObject({ code: 'VERIFICATION_CODE_REVOKED' });
    expect(await judged(token('no token'), token(good.token))).toMatchObject({ code: 'VERIFICATION_CODE_VALID' });
  });

  test('a message never repeats what was presented', async () => {
    const { token } = await installation.mint({ scopes: [] });
    for (const question of [
      { token },
      { token: 'gm_live_xxx' },
      { token, requiredScopes: ['a:b'] },
      { token, environment: 'test' },
    ]) {
      const { message } = await verify(question);
      expect(message).not.toBe('');
      expect(message).not.toContain(question.token);
    }
  });
});
