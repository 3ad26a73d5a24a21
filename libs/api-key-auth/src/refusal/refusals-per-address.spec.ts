import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ExpressAdapter } from '@nestjs/platform-express';
import { status } from '@grpc/grpc-js';
import { tokenSha256 } from '#libs/key-domain';
import { type GuardedApp, type HttpAnswer, PLATFORMS, send, startGuarded } from '../guarded-app.fixture.js';
import { SERVICE_KEY } from '../refusals.fixture.js';
import { type CodeName, GRANT, response, ScriptedVerifier } from '../scripted-verifier.fixture.js';
import type { VerifierOptions } from '../options.js';

const LIMIT = 5;
const WINDOW_SECONDS = 3_600;
const GOOD = 'mm_live_good';
/** Where the good key may be used. */
const HERE = '10.1.2.3';
const BODIES = {
  garmint: (seconds: number) => ({
    error: { code: 'rate_limited', message: 'Rate limit exceeded', details: { retryAfter: seconds } },
  }),
  keymint: () => ({ message: 'Rate limit exceeded', code: 3 }),
  problem: (seconds: number) => ({
    type: 'about:blank',
    title: 'Too Many Requests',
    status: 429,
    detail: 'Rate limit exceeded',
    code: 'rate_limited',
    retryAfter: seconds,
  }),
};

describe.each(PLATFORMS)('refusals by address, on %s', (_, adapter) => {
  let verifier: ScriptedVerifier;
  let app: GuardedApp;
  /** What is answered about the good token. */
  let code: CodeName;

  const start = async (options: Partial<VerifierOptions> = {}) => {
    app = await startGuarded(adapter(), {
      verifierUrl: verifier.url,
      serviceKey: SERVICE_KEY,
      trustedProxies: ['127.0.0.0/8'],
      refusalsPerAddress: { limit: LIMIT, windowSeconds: WINDOW_SECONDS },
      ...options,
    });
  };
  const get = (token: string | null, { address = HERE, path = 'key' } = {}) =>
    send(`${app.url}/${path}`, {
      'x-forwarded-for': address,
      ...(token !== null && { authorization: `Bearer ${token}` }),
    });
  const guess = async (times: number, address = HERE) => {
    const statuses = [];
    for (let i = 0; i < times; i++) statuses.push((await get(`mm_live_guess_${i}`, { address })).status);
    return statuses;
  };

  beforeEach(async () => {
    code = 'VALID';
    verifier = await ScriptedVerifier.start();
    verifier.script = ({ credential }) =>
      Buffer.from(credential?.value ?? '').equals(tokenSha256(GOOD)) ? response(code, { grant: GRANT }) : response('NOT_FOUND');
  });
  afterEach(async () => {
    await app.close();
    verifier.stop();
  });

  test.each(['garmint', 'keymint', 'problem'] as const)('beyond the limit get a 429 in the format %s', async (format) => {
    await start();
    await guess(LIMIT);
    for (const token of ['mm_live_more', null]) {
      const answer = await get(token, { path: format });
      const seconds = Number(answer.headers['retry-after']);
      expect(answer.status).toBe(429);
      expect(seconds).toBeGreaterThan(WINDOW_SECONDS - 600);
      expect(seconds).toBeLessThanOrEqual(WINDOW_SECONDS);
      expect(JSON.parse(answer.text)).toEqual(BODIES[format](seconds));
      expect(challengeOf(answer)).toBeUndefined();
    }
  });

  test('count tokens that are absent, malformed or not known, and the verifier is asked about none beyond the limit', async () => {
    await start();
    expect((await get(null)).status).toBe(401);
    expect((await get('two parts')).status).toBe(401);
    expect(await guess(5)).toEqual([401, 401, 401, 429, 429]);
    expect(verifier.asked).toHaveLength(3);
  });

  test('are those of an IPv4 address or of a /64, and leave every other address alone', async () => {
    await start();
    expect(await guess(LIMIT + 1, '2001:db8::1')).toEqual([...Array<number>(LIMIT).fill(401), 429]);
    expect(await guess(1, '2001:db8::ffff:2')).toEqual([429]);
    expect(await guess(1, '2001:db8:0:1::1')).toEqual([401]);
    expect(await guess(1, '192.0.2.1')).toEqual([401]);
  });

  test('keep out no token that was good here before, kept or not', async () => {
    await start({ cache: false });
    expect((await get(GOOD, { address: '198.51.100.1' })).status).toBe(200);
    await guess(LIMIT + 1);
    for (let i = 0; i < 3; i++) expect((await get(GOOD)).status).toBe(200);
    code = 'REVOKED';
    const asked = verifier.asked.length;
    expect([(await get(GOOD)).status, (await get(GOOD)).status]).toEqual([429, 429]);
    expect(verifier.asked).toHaveLength(asked + 1);
  });

  test('keep out no key that is kept', async () => {
    verifier.script = ({ credential }) =>
      Buffer.from(credential?.value ?? '').equals(tokenSha256(GOOD))
        ? response('VALID', { grant: GRANT, cacheTtl: { seconds: 60, nanos: 0 } })
        : response('NOT_FOUND');
    await start();
    await untilKept(() => get(GOOD), verifier);
    await guess(LIMIT + 1);
    const asked = verifier.asked.length;
    expect((await get(GOOD)).status).toBe(200);
    expect(verifier.asked).toHaveLength(asked);
  });

  test('are not those of good tokens, nor of a verifier that is away', async () => {
    await start({ cache: false });
    for (code of ['INSUFFICIENT_SCOPE', 'IP_NOT_ALLOWED', 'QUOTA_EXCEEDED', 'RATE_LIMITED'] as const) {
      for (let i = 0; i < LIMIT; i++) await get(GOOD);
    }
    const script = verifier.script;
    verifier.script = () => ({ code: status.UNAUTHENTICATED });
    for (let i = 0; i < LIMIT + 1; i++) expect((await get('mm_live_any')).status).toBe(503);
    verifier.script = script;
    expect(await guess(1)).toEqual([401]);
  });

  test('are not counted unless that is asked for', async () => {
    app = await startGuarded(adapter(), { verifierUrl: verifier.url, serviceKey: SERVICE_KEY });
    expect(await guess(50)).toEqual(Array(50).fill(401));
  });
});

test.each([
  { limit: 0, windowSeconds: 60 },
  { limit: 1.5, windowSeconds: 60 },
  { limit: 10, windowSeconds: 0 },
  { limit: 10, windowSeconds: 86_401 },
  { limit: NaN, windowSeconds: 60 },
])('the option refusalsPerAddress %j stops the start', async (refusalsPerAddress) => {
  const verify = () => Promise.reject(new Error('not asked'));
  const start = startGuarded(new ExpressAdapter(), { verifier: { useValue: { verify } }, refusalsPerAddress });
  await expect(start).rejects.toThrow(/^refusalsPerAddress\.(limit|windowSeconds) takes a whole number/);
});

function challengeOf({ headers }: HttpAnswer) {
  return headers['www-authenticate'];
}

/** Asks until no request costs the verifier a question. */
async function untilKept(ask: () => Promise<unknown>, verifier: ScriptedVerifier): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const before = verifier.asked.length;
    await ask();
    if (verifier.asked.length === before) return;
    await sleep(20);
  }
  throw new Error('the guard keeps nothing');
}
