import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { status } from '@grpc/grpc-js';
import { type KeyRecord, tokenSha256, UnavailableError } from '#libs/key-domain';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyModule } from './api-key.module.js';
import { RequireScopes } from './decorators.js';
import { type GuardedApp, type HttpAnswer, PLATFORMS, send, startGuarded } from './guarded-app.fixture.js';
import { type CodeName, GRANT, response, ScriptedVerifier } from './scripted-verifier.fixture.js';
import type { GuardQuestion } from './token-verifier.js';

const TOKEN = `gm_live_${'a1'.repeat(32)}`;
const SERVICE_KEY = 'mm_live_service';
const BEARER = { authorization: `Bearer ${TOKEN}` };

const REALM = 'Bearer realm="mintmark"';
const GARMINT_401 = 'Missing or invalid API key. Provide a valid key via Authorization header.';
const garmint = (code: string, message: string, details?: object) =>
  JSON.stringify({ error: { code, message, ...(details && { details }) } });
const keymint = (message: string, code = 1) => JSON.stringify({ message, code });
const problem = (status: number, title: string, code: string, detail: string, more = {}) =>
  JSON.stringify({ type: 'about:blank', title, status, detail, code, ...more });

/** What each way to be refused looks like. */
const INVALID = {
  status: 401,
  challenge: `${REALM}, error="invalid_token"`,
  garmint: garmint('unauthorized', GARMINT_401),
  keymint: keymint('Invalid access token'),
  problem: problem(401, 'Unauthorized', 'unauthorized', GARMINT_401),
};
const because = (reason: string) => ({
  ...INVALID,
  garmint: garmint('unauthorized', GARMINT_401, { reason }),
  problem: problem(401, 'Unauthorized', 'unauthorized', GARMINT_401, { reason }),
});
const FORBIDDEN = {
  status: 403,
  challenge: `${REALM}, error="insufficient_scope"`,
  garmint: garmint('forbidden', 'Key lacks permission for this action'),
  keymint: keymint('Insufficient permissions for this operation'),
  problem: problem(403, 'Forbidden', 'forbidden', 'Key lacks permission for this action'),
};
const QUOTA = {
  status: 402,
  garmint: garmint('insufficient_tokens', 'Not enough tokens for this action', { required: 1, available: 0 }),
  keymint: keymint('Not enough tokens for this operation'),
  problem: problem(402, 'Payment Required', 'insufficient_tokens', 'Not enough tokens for this action', {
    required: 1,
    available: 0,
  }),
};
const RATE = {
  status: 429,
  retryAfter: '60',
  garmint: garmint('rate_limited', 'Rate limit exceeded', { retryAfter: 60 }),
  keymint: keymint('Rate limit exceeded', 3),
  problem: problem(429, 'Too Many Requests', 'rate_limited', 'Rate limit exceeded', { retryAfter: 60 }),
};
const UNAVAILABLE = {
  status: 503,
  retryAfter: '1',
  garmint: garmint('unavailable', 'The API key could not be verified. Try again.'),
  keymint: keymint('The access token could not be verified. Try again.'),
  problem: problem(503, 'Service Unavailable', 'unavailable', 'The API key could not be verified. Try again.'),
};

interface Expected {
  readonly status: number;
  readonly challenge?: string;
  readonly retryAfter?: string;
  readonly garmint: string;
  readonly keymint: string;
  readonly problem: string;
}

const VERDICTS: readonly (readonly [CodeName, object, Expected])[] = [
  ['MALFORMED', {}, INVALID],
  ['NOT_FOUND', {}, INVALID],
  ['REVOKED', { grant: GRANT }, because('API key has been revoked')],
  ['EXPIRED', { grant: GRANT }, because('API key has expired')],
  ['DISABLED', { grant: GRANT }, INVALID],
  ['ACCOUNT_SUSPENDED', { grant: GRANT }, INVALID],
  ['ENVIRONMENT_MISMATCH', { grant: GRANT }, INVALID],
  ['IP_NOT_ALLOWED', { grant: GRANT }, FORBIDDEN],
  ['PRODUCT_NOT_ALLOWED', { grant: GRANT }, FORBIDDEN],
  [
    'INSUFFICIENT_SCOPE',
    { grant: GRANT, missingScopes: ['garments:read'] },
    { ...FORBIDDEN, challenge: `${FORBIDDEN.challenge}, scope="garments:read"` },
  ],
  ['QUOTA_EXCEEDED', { grant: GRANT, quota: { remaining: 0, refillsAt: undefined } }, QUOTA],
  ['RATE_LIMITED', { grant: GRANT, retryAfter: { seconds: 59, nanos: 1_000_000 } }, RATE],
];

const NO_HEADER = { ...INVALID, challenge: REALM, keymint: keymint('Missing Authorization header') };
const BAD_HEADER = { ...INVALID, challenge: `${REALM}, error="invalid_request"` };

const HEADERS: readonly (readonly [string, Record<string, string | string[]>, Expected])[] = [
  ['no header', {}, NO_HEADER],
  ['an empty header', { authorization: '' }, NO_HEADER],
  ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }, { ...INVALID, challenge: REALM }],
  ['a doubled header', { authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] }, BAD_HEADER],
  ['a header of three parts', { authorization: `Bearer ${TOKEN} ${TOKEN}` }, BAD_HEADER],
  ['a scheme alone', { authorization: 'Bearer' }, BAD_HEADER],
  ['an over-long token', { authorization: `Bearer ${'a'.repeat(8_000)}` }, INVALID],
  ['a token outside ASCII', { authorization: 'Bearer mm_live_\u00e9' }, INVALID],
];

function expectRefusal(answer: HttpAnswer, format: 'garmint' | 'keymint' | 'problem', expected: Expected): void {
  expect(answer).toMatchObject({ status: expected.status, text: expected[format] });
  expect(answer.headers['www-authenticate']).toBe(expected.challenge);
  expect(answer.headers['retry-after']).toBe(expected.retryAfter);
  expect(answer.headers['content-type']).toBe(`application/${format === 'problem' ? 'problem+' : ''}json; charset=utf-8`);
}

describe.each(PLATFORMS)('ApiKeyGuard on %s', (_, adapter) => {
  let verifier: ScriptedVerifier;
  let app: GuardedApp;
  const get = (path: string, headers: Record<string, string | string[]> = BEARER) => send(`${app.url}/${path}`, headers);

  beforeAll(async () => {
    verifier = await ScriptedVerifier.start();
    app = await startGuarded(adapter(), {
      verifierUrl: verifier.url,
      serviceKey: SERVICE_KEY,
      environment: 'live',
      trustedProxies: ['127.0.0.0/8'],
    });
  });
  afterEach(() => {
    verifier.asked.length = 0;
    verifier.script = () => response('VALID', { grant: GRANT });
  });
  afterAll(async () => {
    await app.close();
    verifier.stop();
  });

  describe.each(['garmint', 'keymint', 'problem'] as const)('in the format %s', (format) => {
    test.each(VERDICTS)('%s is answered byte for byte', async (code, fields, expected) => {
      verifier.script = () => response(code, fields);
      expectRefusal(await get(format), format, expected);
    });

    test.each(HEADERS)('%s is refused without asking the verifier', async (__, headers, expected) => {
      expectRefusal(await get(format, headers), format, expected);
      expect(verifier.asked).toEqual([]);
    });

    test.each([
      ['UNAVAILABLE', { code: status.UNAVAILABLE }],
      ['an unknown service key', { code: status.UNAUTHENTICATED }],
      ['a service key without the scope', { code: status.PERMISSION_DENIED }],
      ['an internal error', { code: status.INTERNAL, details: 'connection string' }],
      ['VALID that tells no key', response('VALID')],
      ['VALID that is not valid', response('VALID', { grant: GRANT, valid: false })],
      ['a refusal that is valid', response('REVOKED', { grant: GRANT, valid: true })],
      ['no code', response('UNSPECIFIED')],
      ['an unknown code', { ...response('VALID', { grant: GRANT }), code: 99 }],
    ])('%s from the verifier is an outage, never a refusal', async (__, answer) => {
      verifier.script = () => answer;
      expectRefusal(await get(format), format, UNAVAILABLE);
    });
  });

  test('a route without a format of its own answers in the default one', async () => {
    expectRefusal(await get('key', {}), 'problem', NO_HEADER);
  });

  test('a token in the query or in a body is not read', async () => {
    expectRefusal(await get(`garmint?access_token=${TOKEN}`, {}), 'garmint', NO_HEADER);
    for (const [type, body] of [
      ['application/json', JSON.stringify({ access_token: TOKEN })],
      ['application/x-www-form-urlencoded', `access_token=${TOKEN}`],
    ] as const) {
      expectRefusal(await send(`${app.url}/garmint`, { 'content-type': type }, body), 'garmint', NO_HEADER);
    }
    expect(verifier.asked).toEqual([]);
    expect(
      (await send(`${app.url}/garmint?access_token=x`, { ...BEARER, 'content-type': 'application/json' }, '{"access_token":"y"}'))
        .status,
    ).toBe(201);
  });

  test('the verifier is asked once, by the digest alone, about all that the route demands', async () => {
    await get('demanding', { ...BEARER, 'x-forwarded-for': '198.51.100.1, 203.0.113.9' });
    expect(verifier.asked).toHaveLength(1);
    const [{ request, authorization } = { request: undefined, authorization: '' }] = verifier.asked;
    expect(authorization).toBe(`Bearer ${SERVICE_KEY}`);
    expect(request).toMatchObject({ productId: '', clientIp: '203.0.113.9', environment: 'live', cost: 1 });
    expect(request?.credential).toEqual({ $case: 'tokenSha256', value: tokenSha256(TOKEN) });
    expect([...(request?.requiredScopes ?? [])].sort()).toEqual(['garments:read', 'garments:write', 'outfits:read']);
    expect(JSON.stringify(verifier.asked)).not.toContain(TOKEN);
  });

  test('insufficient_scope names every scope that the route demands', async () => {
    verifier.script = () => response('INSUFFICIENT_SCOPE', { grant: GRANT, missingScopes: ['outfits:read'] });
    const scopes = /scope="([^"]*)"$/
      .exec(String((await get('demanding')).headers['www-authenticate']))?.[1]
      ?.split(' ')
      .sort();
    expect(scopes).toEqual(['garments:read', 'garments:write', 'outfits:read']);
  });

  test('the handler is given the key, and Passport its user', async () => {
    expect(JSON.parse((await get('key')).text)).toEqual({
      sameAsUser: true,
      key: { ...GRANT, expiresAt: '2030-01-02T03:04:05.678Z' },
    });
    verifier.script = () =>
      response('VALID', {
        grant: {
          ...GRANT,
          ownerId: '',
          environment: '',
          allProducts: true,
          productIds: [],
          expiresAt: undefined,
          metadata: undefined,
        },
      });
    expect(JSON.parse((await get('key')).text)).toMatchObject({
      key: { ownerId: null, environment: null, allProducts: true, productIds: [], expiresAt: null, metadata: {} },
    });
  });

  test('of many requests at once each is given its own key', async () => {
    verifier.script = ({ credential }) =>
      response('VALID', {
        grant: { ...GRANT, keyId: credential?.$case === 'tokenSha256' ? credential.value.toString('hex') : '' },
      });
    const tokens = Array.from({ length: 50 }, (__, index) => `mm_live_${index}`);
    const answers = await Promise.all(tokens.map((token) => get('key', { authorization: `Bearer ${token}` })));
    expect(answers.map(({ text }) => (JSON.parse(text) as { key: { keyId: string } }).key.keyId)).toEqual(
      tokens.map((token) => tokenSha256(token).toString('hex')),
    );
  });

  test.each([
    ['products/prod_a', 'prod_a'],
    ['products/a%2Fb%20%C3%A9', 'a/b é'],
  ])('the product of %s is asked about as %s', async (path, productId) => {
    expect((await get(path)).status).toBe(200);
    expect(verifier.asked[0]?.request.productId).toBe(productId);
  });

  test.each([
    [false, 403],
    [true, 200],
  ])('a product whose id is too long for any opens to keys of all products alone (%s: %i)', async (allProducts, expected) => {
    verifier.script = ({ productId }) =>
      productId.length > 128 ? { code: status.INVALID_ARGUMENT } : response('VALID', { grant: { ...GRANT, allProducts } });
    expect((await get(`products/${'p'.repeat(129)}`)).status).toBe(expected);
  });

  test('a route that demands a product it has no parameter for stays shut', async () => {
    expect((await get('no-product')).status).toBe(500);
    expect(verifier.asked).toEqual([]);
  });

  test.each([
    ['public', 200],
    ['lobby', 200],
    ['lobby/vault', 401],
    ['public-and-demanding', 401],
    ['public-key', 500],
    ['key', 401],
  ])('without a key, %s answers %i', async (path, expected) => {
    expect((await get(path, {})).status).toBe(expected);
    expect(verifier.asked).toEqual([]);
  });
});

describe.each(PLATFORMS)('an app on %s', (_, adapter) => {
  test('whose verifier is away answers 503, and lets keys in again soon after it is back', async () => {
    const before = await ScriptedVerifier.start();
    const app = await startGuarded(adapter(), { verifierUrl: before.url, serviceKey: SERVICE_KEY, errorFormat: 'garmint' });
    expect((await send(`${app.url}/key`, BEARER)).status).toBe(200);
    before.stop();
    for (let i = 0; i < 5; i++) expectRefusal(await send(`${app.url}/key`, BEARER), 'garmint', UNAVAILABLE);
    const after = await ScriptedVerifier.start(before.port);
    const back = Date.now();
    while ((await send(`${app.url}/key`, BEARER)).status !== 200 && Date.now() - back < 5_000) await sleep(20);
    expect(Date.now() - back).toBeLessThan(2_000);
    await app.close();
    after.stop();
  });

  test('logs why it could not verify, without the token or its digest', async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const logger = { log: () => undefined, warn: write, error: write };
    const verifier = await ScriptedVerifier.start();
    verifier.script = () => ({ code: status.PERMISSION_DENIED });
    const app = await startGuarded(adapter(), { verifierUrl: verifier.url, serviceKey: SERVICE_KEY }, {}, logger);
    await send(`${app.url}/key`, BEARER);
    expect(lines).toEqual([[expect.stringContaining('lacks the scope mintmark:tokens:verify'), undefined, 'ApiKeyGuard']]);
    await app.close();
    verifier.stop();
  });

  test('that guards every route globally is closed, but for public ones', async () => {
    const verifier = await ScriptedVerifier.start();
    const options = { verifierUrl: verifier.url, serviceKey: SERVICE_KEY, errorFormat: 'keymint' } as const;
    const app = await startGuarded(adapter(), options, { providers: [{ provide: APP_GUARD, useExisting: ApiKeyGuard }] });
    expectRefusal(await send(`${app.url}/key`), 'keymint', NO_HEADER);
    expect((await send(`${app.url}/public`)).status).toBe(200);
    await app.close();
    verifier.stop();
  });

  test('takes its options from a factory and another verifier from a provider, beside an app that has its own', async () => {
    const record: KeyRecord = {
      keyId: 'key_in_process',
      secretId: 's',
      accountId: 'a',
      accountSuspended: false,
      ownerId: null,
      name: 'n',
      environment: null,
      scopes: [],
      products: 'all',
      allowedCidrs: [],
      metadata: {},
      enabled: true,
      revoked: false,
      expiresAt: null,
    };
    const questions: GuardQuestion[] = [];
    const verify = async (question: GuardQuestion) => {
      questions.push(question);
      if (questions.length > 1)
        throw questions.length > 2 ? new RangeError('a fault') : new UnavailableError('away', { detail: 'disk' });
      return Promise.resolve({ code: 'VALID' as const, record });
    };
    const inProcess = ApiKeyModule.forRootAsync({
      useFactory: () => Promise.resolve({ errorFormat: 'keymint' as const }),
      verifier: { useValue: { verify } },
    });
    const verifier = await ScriptedVerifier.start();
    const app = await startGuarded(adapter(), inProcess);
    const neighbour = await startGuarded(
      adapter(),
      ApiKeyModule.forRootAsync({ useFactory: () => ({ verifierUrl: verifier.url, serviceKey: () => SERVICE_KEY }) }),
    );
    const [own, other] = await Promise.all([send(`${app.url}/key`, BEARER), send(`${neighbour.url}/key`, BEARER)]);
    expect([own.text, other.text]).toEqual([expect.stringContaining('key_in_process'), expect.stringContaining('"key_1"')]);
    expectRefusal(await send(`${app.url}/key`, BEARER), 'keymint', UNAVAILABLE);
    expectRefusal(await send(`${app.url}/key`, BEARER), 'keymint', UNAVAILABLE);
    await Promise.all([app.close(), neighbour.close()]);
    verifier.stop();
  });
});

describe('a guarded handler of another transport', () => {
  test('is closed', async () => {
    const verifier = await ScriptedVerifier.start();
    const module = ApiKeyModule.forRoot({ verifierUrl: verifier.url, serviceKey: SERVICE_KEY });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    const context = new ExecutionContextHost([{ headers: BEARER }], Object, () => 'open');
    for (const type of ['rpc', 'ws', 'graphql']) {
      context.setType(type);
      await expect(app.get(ApiKeyGuard).canActivate(context)).rejects.toThrow(`ApiKeyGuard does not guard ${type} handlers`);
    }
    await app.close();
    verifier.stop();
  });
});

describe('what can not be right stops the start', () => {
  test.each(['garments', 'garments:read write', 'mintmark:everything', ''])('the scope %j', (scope) => {
    expect(() => RequireScopes(scope)).toThrow(TypeError);
  });

  test('a proxy that is no range', async () => {
    const verify = () => Promise.reject(new Error('not asked'));
    const start = startGuarded(new ExpressAdapter(), { verifier: { useValue: { verify } }, trustedProxies: ['10.0.0.0/33'] });
    await expect(start).rejects.toThrow('trustedProxies: "10.0.0.0/33" is no CIDR range');
  });
});
