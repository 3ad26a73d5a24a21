import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freshDatabase } from '../../support/fresh-database.js';
import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { type Installation, type Minted, startInstallation } from '../verifier/installation.js';
import { failureOf, type OutsideClient } from '../verifier/outside-client.js';
import { OutsideGuard } from '../verifier/outside-guard.js';
import { Verifier } from './fleet.js';

const A_MINUTE = { name: 'minute', limit: 10, windowSeconds: 60 };
const AN_HOUR = { name: 'hour', limit: 1_000, windowSeconds: 3_600 };

describe('the limits of a key hold', () => {
  let proxy: TcpProxy;
  let installation: Installation;
  let another: Verifier;
  const guards: OutsideGuard[] = [];

  beforeAll(async () => {
    const { url } = await freshDatabase();
    proxy = await TcpProxy.before(url);
    installation = await startInstallation({ database: { url: proxy.url } });
    another = await Verifier.start(installation.stack, proxy.url);
  });
  afterEach(() => {
    proxy.restore();
    for (const guard of guards.splice(0)) guard.close();
  });
  afterAll(async () => {
    await another.stop();
    await installation.stop();
    await proxy.stop();
  });

  const bothVerifiers = (): readonly OutsideClient[] => [installation.verifier, another.service];
  const ask = ({ token }: Minted, cost?: number) =>
    installation.verifier.verifyToken(cost === undefined ? { token } : { token, cost });
  const codesOf = async (key: Minted, calls: number, cost?: number) => {
    const asked = Array.from({ length: calls }, (_, call) => {
      const service = bothVerifiers()[call % 2] ?? installation.verifier;
      return service.code(cost === undefined ? { token: key.token } : { token: key.token, cost });
    });
    return Promise.all(asked);
  };
  const valid = (codes: readonly string[]) => codes.filter((code) => code === 'VALID').length;

  test('at two verifiers at once as at one: a hundred requests at once get what the limit lets in, and no more', async () => {
    const key = await installation.mint({ rateLimits: [A_MINUTE, AN_HOUR] });
    const codes = await codesOf(key, 100);
    expect(valid(codes)).toBe(10);
    expect(new Set(codes)).toEqual(new Set(['VALID', 'RATE_LIMITED']));
  });

  test('of credits too, to the last one, and each request takes what it costs', async () => {
    const key = await installation.mint({ quota: { remaining: 90 } });
    expect(valid(await codesOf(key, 60, 3))).toBe(30);
    expect(await ask(key, 3)).toMatchObject({ code: 'QUOTA_EXCEEDED', quota: { remaining: 0, refillsAt: null } });
    expect(await ask(key, 0)).toMatchObject({ code: 'VALID' });
  });

  test('and are told with every answer, when the window ends and the credits are added too', async () => {
    const key = await installation.mint({
      rateLimits: [A_MINUTE, AN_HOUR],
      quota: { remaining: 50, refill: { amount: 100, interval: 'day' } },
    });
    const answer = await ask(key, 7);
    expect(answer).toMatchObject({
      valid: true,
      rateLimits: [
        { name: 'minute', limit: 10, remaining: 9 },
        { name: 'hour', limit: 1_000, remaining: 999 },
      ],
      quota: { remaining: 43 },
    });
    const [minute, hour] = answer.rateLimits.map(({ resetsAt }) => resetsAt.seconds);
    expect((hour ?? 0) - (minute ?? 0)).toBe(3_540);
    expect(answer.quota?.refillsAt).toMatchObject({ seconds: expect.any(Number), nanos: 0 });
    expect((answer.quota?.refillsAt?.seconds ?? NaN) % 86_400).toBe(0);
  });

  test('for all secrets of the key together, and after a rotation', async () => {
    const key = await installation.mint({ rateLimits: [A_MINUTE] });
    await codesOf(key, 6);
    const { body } = await installation.admin.post(`/keys/${key.id}/rotate`, { graceSeconds: 600 });
    const rotated = { id: key.id, token: (body as { readonly key: string }).key };
    expect(valid([...(await codesOf(rotated, 6)), ...(await codesOf(key, 6))])).toBe(4);
  });

  test('from the moment on that the call that sets them has returned, at every verifier and for every guard', async () => {
    const key = await installation.mint();
    const guard = await OutsideGuard.open(installation.stack.verifierGrpc, `Bearer ${installation.stack.serviceKey}`);
    guards.push(guard);
    await installation.revoke(await installation.mint());
    const held = { token: key.token, guardSessionId: guard.sessionId };
    expect(await installation.verifier.verifyToken(held)).toMatchObject({ cacheTtl: { seconds: 60 } });
    const { status } = await installation.admin.patch(`/keys/${key.id}`, { quota: { remaining: 5 } });
    expect(status).toBe(200);
    expect(valid(await codesOf(key, 20))).toBe(5);
    expect(await installation.verifier.verifyToken(held)).toMatchObject({ code: 'QUOTA_EXCEEDED', cacheTtl: null });
    expect((await installation.admin.patch(`/keys/${key.id}`, { quota: null })).status).toBe(200);
    expect(valid(await codesOf(key, 20))).toBe(20);
  });

  test('or the question is not answered: while the store is away nobody is let in uncounted, and nobody is refused', async () => {
    const key = await installation.mint({ quota: { remaining: 5 } });
    expect((await ask(key)).code).toBe('VALID');
    proxy.cut();
    expect(await failureOf(ask(key))).toMatchObject({ status: 'UNAVAILABLE' });
    proxy.restore();
    expect(
      await eventually(
        () =>
          ask(key, 0).then(
            ({ code }) => code,
            () => null,
          ),
        (code) => code !== null,
      ),
    ).toBe('VALID');
    expect(valid(await codesOf(key, 10))).toBe(4);
  });

  test('where a batch asks about them, in the order of its questions', async () => {
    const [key, free] = [await installation.mint({ quota: { remaining: 2 } }), await installation.mint()];
    const answers = await installation.verifier.verifyTokens([key, free, key, key].map(({ token }) => ({ token })));
    expect(answers.map(({ code }) => code)).toEqual(['VALID', 'VALID', 'VALID', 'QUOTA_EXCEEDED']);
  });
});
