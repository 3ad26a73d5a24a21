import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { service as healthService } from 'grpc-health-check';
import { randomBytes } from 'node:crypto';
import {
  type TokenVerifierServiceClient,
  VerificationCode,
  type VerifyTokenRequest,
  type VerifyTokenResponse,
  type VerifyTokensResponse,
} from '#libs/contract';
import { tokenSha256 } from '#libs/key-domain';
import { AWAY, bareClient, contractClient, startVerifierFixture, type VerifierFixture } from './verifier-app.fixture.js';

let verifier: VerifierFixture;
let client: TokenVerifierServiceClient;
let bare: Client;

beforeAll(async () => {
  verifier = await startVerifierFixture();
  client = contractClient(verifier.grpc);
  bare = bareClient(verifier.grpc);
});
afterAll(async () => {
  client.close();
  bare.close();
  await verifier.close();
});

type Question = Partial<VerifyTokenRequest>;
const request = (question: Question): VerifyTokenRequest => ({
  credential: undefined,
  requiredScopes: [],
  productId: '',
  clientIp: '',
  environment: '',
  cost: undefined,
  tags: {},
  guardSessionId: '',
  ...question,
});
const byToken = (value: string) => ({ $case: 'token', value }) as const;
const byDigest = (value: Buffer) => ({ $case: 'tokenSha256', value }) as const;

function authorized(key = verifier.serviceKey): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  return metadata;
}

function verify(question: Question, metadata = authorized(), options = {}): Promise<VerifyTokenResponse> {
  return new Promise((resolve, reject) => {
    client.verifyToken(request(question), metadata, options, (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
}

function verifyAll(questions: readonly Question[], metadata = authorized()): Promise<VerifyTokensResponse> {
  const requests = questions.map(request);
  return new Promise((resolve, reject) => {
    client.verifyTokens({ requests, guardSessionId: '' }, metadata, (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
}

async function failure(call: Promise<unknown>): Promise<{ code: string; details: string }> {
  const error = (await call.then(
    () => Promise.reject(new Error('answered')),
    (reason: unknown) => reason,
  )) as ServiceError;
  return { code: status[error.code], details: error.details };
}

describe('VerifyToken', () => {
  test('tells everything that the key grants', async () => {
    const expiresAt = Date.now() + 60_000;
    const token = verifier.secrets.mint({
      ownerId: 'customer-7',
      scopes: ['a:b'],
      products: ['shirts'],
      allowedCidrs: ['10.0.0.0/8'],
      metadata: { plan: 'gold', seats: 3, nested: { list: [true, null, 'x'] } },
      expiresAt,
    });
    expect(await verify({ credential: byDigest(tokenSha256(token)), clientIp: '10.1.1.1' })).toEqual({
      valid: true,
      code: VerificationCode.VERIFICATION_CODE_VALID,
      message: expect.stringMatching(/./),
      grant: {
        keyId: expect.stringMatching(/^key_/),
        secretId: expect.stringMatching(/^sec_/),
        accountId: 'acc_1',
        ownerId: 'customer-7',
        name: 'a key',
        environment: 'live',
        scopes: ['a:b'],
        allProducts: false,
        productIds: ['shirts'],
        allowedCidrs: ['10.0.0.0/8'],
        expiresAt: new Date(expiresAt),
        metadata: { plan: 'gold', seats: 3, nested: { list: [true, null, 'x'] } },
      },
      rateLimits: [],
      quota: undefined,
      cacheTtl: undefined,
      retryAfter: undefined,
      missingScopes: [],
    });
  });

  test('leaves out what the key has not', async () => {
    const token = verifier.secrets.mint({ environment: null, products: 'all' });
    expect(await verify({ credential: byToken(token) })).toMatchObject({
      grant: { ownerId: '', environment: '', allProducts: true, productIds: [], expiresAt: undefined, metadata: {} },
    });
  });

  test.each(['', ' ', '\0', 'gm_live_xxx', '🪙', 'a'.repeat(100_000)])(
    'any text for a token gets a verdict: %j',
    async (text) => {
      expect(await verify({ credential: byToken(text) })).toMatchObject({
        valid: false,
        code: VerificationCode.VERIFICATION_CODE_MALFORMED,
        grant: undefined,
      });
    },
  );

  test('names the scopes that are missing', async () => {
    const token = verifier.secrets.mint({ scopes: ['a:b'] });
    expect(await verify({ credential: byToken(token), requiredScopes: ['c:d', 'a:b', 'a:c'] })).toMatchObject({
      code: VerificationCode.VERIFICATION_CODE_INSUFFICIENT_SCOPE,
      missingScopes: ['c:d', 'a:c'],
    });
  });

  test('an address that can not be read is in no range, and no fault', async () => {
    const token = verifier.secrets.mint({ allowedCidrs: ['0.0.0.0/0', '::/0'] });
    expect(await verify({ credential: byToken(token), clientIp: 'not an address' })).toMatchObject({
      code: VerificationCode.VERIFICATION_CODE_IP_NOT_ALLOWED,
    });
  });

  test('a call whose deadline has passed, or that is cancelled at once, ends as such', async () => {
    const before = verifier.secrets.lookUps;
    verifier.secrets.slowness = () => 200;
    const late = verify({ credential: byToken('x') }, authorized(), { deadline: Date.now() + 50 });
    expect(await failure(late)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    verifier.secrets.slowness = () => 0;
    expect(verifier.secrets.lookUps - before).toBeLessThanOrEqual(1);
  });
});

describe('VerifyTokens', () => {
  test('answers a full batch in order, from one reading beside that of the service key', async () => {
    const [good, bad] = [verifier.secrets.mint(), verifier.secrets.mint({ enabled: false })];
    const before = verifier.secrets.lookUps;
    const questions = Array.from({ length: 1000 }, (_, index) => ({
      credential: byDigest(tokenSha256(index % 3 === 0 ? bad : good)),
    }));
    const { responses } = await verifyAll(questions);
    expect(responses.map(({ valid }) => valid)).toEqual(questions.map((_, index) => index % 3 !== 0));
    expect(verifier.secrets.lookUps - before).toBe(2);
  });
});

describe('a fault of the caller', () => {
  const good = { credential: byToken('x') };
  const faults: readonly (readonly [string, Question, string])[] = [
    ['no credential', {}, 'credential'],
    ['33 bytes', { credential: byDigest(randomBytes(33)) }, 'token_sha256'],
    ['no bytes', { credential: byDigest(Buffer.alloc(0)) }, 'token_sha256'],
    ['65 scopes', { ...good, requiredScopes: new Array<string>(65).fill('a:b') }, 'required_scopes'],
    ['a scope of 129 characters', { ...good, requiredScopes: ['a:b', 'x'.repeat(129)] }, 'required_scopes[1]'],
    ['a product of 129 characters', { ...good, productId: 'x'.repeat(129) }, 'product_id'],
    ['an address of 65 characters', { ...good, clientIp: '1'.repeat(65) }, 'client_ip'],
    ['an environment of 33 characters', { ...good, environment: 'x'.repeat(33) }, 'environment'],
    ['17 tags', { ...good, tags: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`t${index}`, ''])) }, 'tags'],
    ['a tag of 257 characters', { ...good, tags: { route: 'x'.repeat(257) } }, 'tags'],
    ['a session of 129 characters', { ...good, guardSessionId: 'x'.repeat(129) }, 'guard_session_id'],
  ];

  test.each(faults)('is INVALID_ARGUMENT and named: %s', async (_, question, field) => {
    expect(await failure(verify(question))).toEqual({ code: 'INVALID_ARGUMENT', details: expect.stringContaining(`${field}:`) });
  });

  test.each(faults)('fails its batch, which names its index: %s', async (_, question, field) => {
    expect(await failure(verifyAll([good, good, question]))).toEqual({
      code: 'INVALID_ARGUMENT',
      details: expect.stringContaining(`requests[2].${field}:`),
    });
  });

  test('is a batch of 1,001', async () => {
    expect(await failure(verifyAll(new Array<Question>(1001).fill(good)))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('is told only to who brings a service key', async () => {
    expect(await failure(verify({}, new Metadata()))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('a service', () => {
  test.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer unknown'])(
    'with the authorization %j is UNAUTHENTICATED',
    async (authorization) => {
      const metadata = new Metadata();
      metadata.set('authorization', authorization);
      expect(await failure(verify({ credential: byToken('x') }, metadata))).toMatchObject({ code: 'UNAUTHENTICATED' });
    },
  );

  test('without the scope is PERMISSION_DENIED', async () => {
    const key = verifier.secrets.mint({ scopes: ['*'] });
    expect(await failure(verify({ credential: byToken('x') }, authorized(key)))).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test.each([
    ['127.0.0.0/8', true],
    ['10.0.0.0/8', false],
  ])('with a key bound to %s is judged by the address it comes from', async (range, accepted) => {
    const key = verifier.secrets.mint({ scopes: ['mintmark:tokens:verify'], allowedCidrs: [range] });
    const answer = await verify({ credential: byToken('x') }, authorized(key)).catch(() => null);
    expect(answer !== null).toBe(accepted);
  });
});

describe('what went wrong here', () => {
  test('is UNAVAILABLE where the store is away, logged, and told without its words', async () => {
    verifier.secrets.failure = AWAY;
    const failures = await Promise.all(Array.from({ length: 20 }, () => failure(verify({ credential: byToken('x') }))));
    verifier.secrets.failure = null;
    for (const one of failures) expect(one).toEqual({ code: 'UNAVAILABLE', details: 'Keys can not be looked up now.' });
    // A health check may come in between, and tells of the same.
    const lines = verifier.log.filter((line) => line.includes('10.0.0.9') && line.includes('a call failed'));
    expect(lines).toHaveLength(1);
  });

  test('is INTERNAL and masked otherwise, and logged without the token', async () => {
    const token = verifier.secrets.mint();
    verifier.secrets.failure = new TypeError(`cannot read ${token} at SELECT`);
    const told = await failure(verify({ credential: byToken(token) }));
    verifier.secrets.failure = null;
    expect(told).toEqual({ code: 'INTERNAL', details: 'Something went wrong here.' });
    expect(verifier.log.join('')).toContain('TypeError');
    expect(verifier.log.join('')).not.toContain(token);
  });
});

describe('without a credential', () => {
  const check = (service: string): Promise<string> => {
    const { Check } = healthService;
    if (Check === undefined) throw new Error('no Check');
    return new Promise((resolve, reject) => {
      bare.makeUnaryRequest(Check.path, Check.requestSerialize, Check.responseDeserialize, { service }, (error, answer) =>
        error === null ? resolve(String(Reflect.get(answer ?? {}, 'status'))) : reject(error),
      );
    });
  };

  test.each(['', 'mintmark.v1.TokenVerifierService'])('the health of %j is SERVING', async (service) => {
    // It follows readiness once a second, and the tests before this one took the store away.
    await until(async () => (await check(service)) === 'SERVING');
  });

  test('readiness, liveness and metrics answer over HTTP', async () => {
    const ready = await fetch(`${verifier.http}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', checks: { store: { status: 'ok' } } }]);
    expect(await (await fetch(`${verifier.http}/health/live`)).json()).toEqual({ status: 'ok' });
    await verify({ credential: byToken('') });
    const metrics = await fetch(`${verifier.http}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(metrics.headers.get('x-powered-by')).toBeNull();
    const text = await metrics.text();
    for (const series of [
      'mintmark_verifications_total{code="MALFORMED",app="verifier"}',
      'mintmark_grpc_request_duration_seconds_count{app="verifier",method="/mintmark.v1.TokenVerifierService/VerifyToken",status="OK"}',
      'mintmark_http_request_duration_seconds_count{app="verifier",method="GET",route="/health/ready",status="200"}',
    ]) {
      expect(text).toContain(series);
    }
  });

  test('readiness is 503 and health follows while the store is away, and both recover', async () => {
    verifier.secrets.failure = AWAY;
    const away = await fetch(`${verifier.http}/health/ready`);
    expect([away.status, await away.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { store: { status: 'unavailable' } } },
    ]);
    await until(async () => (await check('')) === 'NOT_SERVING');
    verifier.secrets.failure = null;
    expect((await fetch(`${verifier.http}/health/ready`)).status).toBe(200);
    await until(async () => (await check('')) === 'SERVING');
  });
});

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 3_000; !(await met());) {
    if (Date.now() > deadline) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
