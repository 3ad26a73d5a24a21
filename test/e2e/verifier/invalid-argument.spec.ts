import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type Installation, startInstallation } from './installation.js';
import { encode, failureOf, type Question } from './outside-client.js';

const UNTOLD = /\n|node_modules|\.js|\.ts|postgres|SELECT|typeorm/i;

describe("a fault of the caller's own is INVALID_ARGUMENT, and says which", () => {
  let installation: Installation;
  let token: string;

  beforeAll(async () => {
    installation = await startInstallation();
    ({ token } = await installation.mint());
  });
  afterAll(() => installation.stop());

  const faults: readonly (readonly [string, Question, RegExp])[] = [
    ['no credential', {}, /credential/],
    ['nothing but the question', { requiredScopes: ['a:b'] }, /credential/],
    ['a digest of 33 bytes', { tokenSha256: randomBytes(33) }, /32 bytes/],
    ['a digest of 31 bytes', { tokenSha256: randomBytes(31) }, /32 bytes/],
    ['an empty digest', { tokenSha256: Buffer.alloc(0) }, /32 bytes/],
    ['an over-long product', { token: 'x', productId: 'p'.repeat(5000) }, /product_id/],
    ['an over-long address', { token: 'x', clientIp: '1'.repeat(5000) }, /client_ip/],
    ['an over-long environment', { token: 'x', environment: 'e'.repeat(5000) }, /environment/],
    ['an over-long scope', { token: 'x', requiredScopes: ['ok:ok', `a:${'b'.repeat(5000)}`] }, /required_scopes/],
    ['too many scopes', { token: 'x', requiredScopes: new Array<string>(5000).fill('a:b') }, /required_scopes/],
  ];

  test.each(faults)('%s', async (_, question, named) => {
    const failure = await failureOf(installation.verifier.verifyToken(question));
    expect(failure).toEqual({ status: 'INVALID_ARGUMENT', details: expect.stringMatching(named) });
    expect(failure.details).not.toMatch(UNTOLD);
  });

  test.each(faults)('%s fails a whole batch, which names its index', async (_, question, named) => {
    const failure = await failureOf(installation.verifier.verifyTokens([{ token }, { token }, question, { token }]));
    expect(failure).toEqual({ status: 'INVALID_ARGUMENT', details: expect.stringMatching(named) });
    expect(failure.details).toMatch(/\b2\b/);
  });

  test('bytes that are no message fail alone, and tell nothing of the inside', async () => {
    const failure = await failureOf(installation.verifier.send('VerifyToken', Buffer.from('ffffffffffffffff', 'hex')));
    expect(['INVALID_ARGUMENT', 'INTERNAL']).toContain(failure.status);
    expect(failure.details).not.toMatch(UNTOLD);
    expect(await installation.verifier.code({ token })).toBe('VALID');
  });

  test('a message over the limit is refused before it is read, and the next call is answered', async () => {
    const huge = encode('VerifyToken', { token: 'a'.repeat(16 * 1024 * 1024) });
    const failure = await failureOf(installation.verifier.send('VerifyToken', huge));
    expect(failure.status).toBe('RESOURCE_EXHAUSTED');
    expect(failure.details).not.toMatch(UNTOLD);
    expect(await installation.verifier.code({ token })).toBe('VALID');
  });

  test('what a later version may ask is not a fault: unknown fields, tags, sessions, a cost', async () => {
    const unknownField = Buffer.from([0xfa, 0x7f, 0x02, 0x68, 0x69]);
    const request = Buffer.concat([
      encode('VerifyToken', { token, tags: { route: '/x' }, guardSessionId: 'gs_1', cost: 0 }),
      unknownField,
    ]);
    expect(await installation.verifier.send('VerifyToken', request)).toMatchObject({ code: 'VERIFICATION_CODE_VALID' });
  });
});
