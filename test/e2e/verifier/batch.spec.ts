import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from './installation.js';
import { failureOf, type Question } from './outside-client.js';

const LIMIT = 1000;

describe('VerifyTokens', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await startInstallation();
  });
  afterAll(() => installation.stop());

  test('answers a thousand requests in their order, each with its own question', async () => {
    const [good, revoked] = [await installation.mint({ scopes: ['customers:read'] }), await installation.mint()];
    await installation.revoke(revoked);
    const kinds: readonly (readonly [Question, string])[] = [
      [{ token: good.token }, 'VALID'],
      [{ token: revoked.token }, 'REVOKED'],
      [{ token: '' }, 'MALFORMED'],
      [{ tokenSha256: Buffer.alloc(32, 7) }, 'NOT_FOUND'],
      [{ token: good.token, requiredScopes: ['customers:write'] }, 'INSUFFICIENT_SCOPE'],
      [{ token: good.token, environment: 'test' }, 'ENVIRONMENT_MISMATCH'],
      [{ token: good.token, requiredScopes: ['customers:read'] }, 'VALID'],
    ];
    const asked = Array.from({ length: LIMIT }, (_, index) => kinds[(index * index + index) % kinds.length] ?? fail());
    const answers = await installation.verifier.verifyTokens(asked.map(([question]) => question));
    expect(answers.map(({ code }) => code)).toEqual(asked.map(([, code]) => code));
  });

  test('answers none with none', async () => {
    expect(await installation.verifier.verifyTokens([])).toEqual([]);
  });

  test('refuses a thousand and one', async () => {
    const questions = new Array<Question>(LIMIT + 1).fill({ token: '' });
    expect(await failureOf(installation.verifier.verifyTokens(questions))).toEqual({
      status: 'INVALID_ARGUMENT',
      details: expect.stringMatching(/1,?000/),
    });
  });

  test('whose answers a client would refuse takes nothing from limits, and is answered in smaller ones', async () => {
    const ranges = Array.from(
      { length: 99 },
      (_, index) => `2001:db8:${(4_096 + index).toString(16)}:ffff:ffff:ffff:ffff:fff0/124`,
    );
    const quota = { remaining: 10_000 };
    const large = { metadata: { text: 'x'.repeat(4_000) }, allowedCidrs: ['127.0.0.0/8', ...ranges], quota };
    const { token, id } = await installation.mint(large);
    const question = { token, clientIp: '127.0.0.1' };
    const ask = (count: number) => installation.verifier.verifyTokens(new Array<Question>(count).fill(question));
    expect(await failureOf(ask(LIMIT))).toEqual({
      status: 'RESOURCE_EXHAUSTED',
      details: 'The answers would take more than 4194304 bytes: ask about fewer tokens at once.',
    });
    expect((await installation.admin.get(`/keys/${id}`)).body).toMatchObject({ quota });
    const answers = await Promise.all([ask(LIMIT / 4), ask(LIMIT / 4)]);
    expect(answers.flat().filter(({ valid }) => valid)).toHaveLength(LIMIT / 2);
    expect((await installation.admin.get(`/keys/${id}`)).body).toMatchObject({ quota: { remaining: 9_500 } });
  });

  test('an empty batch without a service key is UNAUTHENTICATED too', async () => {
    expect(await failureOf(installation.service(null).verifyTokens([]))).toMatchObject({ status: 'UNAUTHENTICATED' });
  });
});

function fail(): never {
  throw new Error('no such kind');
}
