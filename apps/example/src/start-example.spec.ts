import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import {
  KeyGrant,
  TokenVerifierServiceService,
  VerificationCode,
  type VerifyTokenRequest,
  VerifyTokenResponse,
} from '#libs/contract';
import type { RunningApp } from '#libs/observability';
import { startExample } from './start-example.js';

const CONFIG = {
  MINTMARK_HOST: '127.0.0.1',
  MINTMARK_EXAMPLE_PORT: 0,
  MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: 100,
  MINTMARK_TRUSTED_PROXIES: [],
  MINTMARK_VERIFIER_URL: ['http://127.0.0.1:1'],
};
const NONE = new Uint8Array();

describe('example', () => {
  const verifier = new Server();
  const asked: VerifyTokenRequest[] = [];
  let app: RunningApp;
  const get = async (path: string, token: string | null = 'gm_live_any', init: RequestInit = {}) => {
    const headers = { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${app.surfaces[0]?.url}${path}`, { ...init, headers });
    return { status: response.status, body: await response.json(), headers: response.headers };
  };

  beforeAll(async () => {
    verifier.addService(TokenVerifierServiceService, {
      verifyToken: (
        { request }: ServerUnaryCall<VerifyTokenRequest, VerifyTokenResponse>,
        callback: sendUnaryData<VerifyTokenResponse>,
      ) => {
        asked.push(request);
        const code = VerificationCode.VERIFICATION_CODE_VALID;
        callback(null, { ...VerifyTokenResponse.decode(NONE), valid: true, code, grant: KeyGrant.decode(NONE) });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      verifier.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    app = await startExample(
      { ...CONFIG, MINTMARK_VERIFIER_URL: [`http://127.0.0.1:${port}`] },
      { serviceKey: () => 'mm_live_service' },
    );
  });
  afterAll(async () => {
    await app.close();
    verifier.forceShutdown();
  });

  test('lists garments to keys with garments:read', async () => {
    const answer = await get('/api/v1/garments');
    expect(answer).toMatchObject({
      status: 200,
      body: { data: expect.arrayContaining([expect.objectContaining({ id: 'linen-shirt' })]) },
    });
    expect(asked.at(-1)).toMatchObject({ requiredScopes: ['garments:read'], productId: '', cost: 1 });
    expect(answer.headers.has('x-powered-by')).toBe(false);
  });

  test('shows a garment to keys that may use its product', async () => {
    expect(await get('/api/v1/garments/wool-coat')).toMatchObject({ status: 200, body: { data: { name: 'Wool coat' } } });
    expect(asked.at(-1)).toMatchObject({ requiredScopes: ['garments:read'], productId: 'wool-coat', cost: 5 });
  });

  test('gives customers to keys with customers:read', async () => {
    const { status, body } = await get('/customer');
    expect([status, body]).toEqual([200, { action: 'getCustomers', status: true, data: expect.any(Array), code: 0 }]);
    expect(asked.at(-1)).toMatchObject({ requiredScopes: ['customers:read'] });
  });

  test.each([
    [
      '/api/v1/garments',
      401,
      { error: { code: 'unauthorized', message: 'Missing or invalid API key. Provide a valid key via Authorization header.' } },
    ],
    ['/customer', 401, { message: 'Missing Authorization header', code: 1 }],
    ['/health/live', 200, { status: 'ok' }],
    ['/api/v1/nothing', 404, { error: { code: 'not_found', message: 'Resource not found' } }],
    ['/nothing', 404, { message: 'Resource not found', code: 1 }],
  ])('without a key, %s answers %i', async (path, status, body) => {
    expect(await get(path, null)).toMatchObject({ status, body });
  });

  test.each([
    ['/api/v1/garments/none', {}, 404, { error: { code: 'not_found', message: 'Resource not found' } }],
    ['/api/v1/garments/%ff', {}, 400, { error: { code: 'invalid_request', message: 'Invalid request' } }],
    ['/customer', { method: 'POST', body: '{' }, 404, { message: 'Resource not found', code: 1 }],
  ])('with a key, %s %j answers %i', async (path, init, status, body) => {
    expect(await get(path, 'gm_live_any', init)).toMatchObject({ status, body });
  });

  test('says what stands in the way of its start', async () => {
    const port = Number(new URL(app.surfaces[0]?.url ?? '').port);
    const serviceKey = 'mm_live_service';
    await expect(startExample({ ...CONFIG, MINTMARK_EXAMPLE_PORT: port }, { serviceKey })).rejects.toThrow(
      `port ${port} is taken`,
    );
    await expect(startExample(CONFIG)).rejects.toThrow('serviceKey is not set');
    await expect(startExample({ ...CONFIG, MINTMARK_VERIFIER_URL: ['http://10.0.0.1:1'] }, { serviceKey })).rejects.toThrow(
      'plain text',
    );
  });
});
