import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { tokenSha256 } from '#libs/key-domain';
import { type GuardedApp, PLATFORMS, send, startGuarded } from './guarded-app.fixture.js';
import {
  BAD_HEADER,
  BEARER,
  because,
  type Expected,
  expectRefusal,
  FORBIDDEN,
  INVALID,
  NO_HEADER,
  QUOTA,
  RATE,
  REALM,
  SERVICE_KEY,
  TOKEN,
  UNAVAILABLE,
} from './refusals.fixture.js';
import { type CodeName, GRANT, response, ScriptedVerifier } from './scripted-verifier.fixture.js';

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
    const products = allProducts ? 'all' : ['p'.repeat(128)];
    verifier.script = ({ productId }) => {
      if (productId.length > 128) return { code: status.INVALID_ARGUMENT };
      if (products === 'all' || products.includes(productId)) return response('VALID', { grant: { ...GRANT, allProducts } });
      return response(productId === '' ? 'VALID' : 'PRODUCT_NOT_ALLOWED', { grant: GRANT });
    };
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
