import { credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TokenVerifierServiceClient, type VerifyTokenRequest } from '#libs/contract';
import { EmbeddedPostgres } from '../../../apps/standalone/src/embedded-postgres/index.js';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { garmentsStatus, mintGarmentKey } from './embedded.js';

const NOTHING_ASKED: Omit<VerifyTokenRequest, 'credential'> = {
  requiredScopes: [],
  productId: '',
  clientIp: '',
  environment: '',
  cost: undefined,
  tags: {},
  guardSessionId: '',
};
const RECOVERED_WITHIN_MS = 15_000;

describe('with Postgres stopped and started again', () => {
  let dataDirectory: string;
  let server: EmbeddedPostgres;
  let stack: Stack;
  let admin: AdminClient;
  let client: TokenVerifierServiceClient;
  let key: string;

  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'mintmark-outage-'));
    server = await EmbeddedPostgres.start({ dataDirectory, durable: false });
    stack = await startStack({ database: { url: server.url } });
    admin = await signIn(stack);
    key = await mintGarmentKey(stack);
    client = new TokenVerifierServiceClient(stack.verifierGrpc, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await stack.stop();
    await server.stop();
    await rm(dataDirectory, { recursive: true });
  });

  /** `VALID` is 1; a call that is not answered gives the name of its gRPC status. */
  function verify(): Promise<unknown> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${stack.serviceKey}`);
    const request = { ...NOTHING_ASKED, credential: { $case: 'token', value: key } } as const;
    return new Promise((resolve) => {
      client.verifyToken(request, metadata, (error, response) => resolve(error === null ? response.code : status[error.code]));
    });
  }

  async function everything(): Promise<Record<string, unknown>> {
    const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status;
    return {
      admin: (await admin.get('/keys')).status,
      adminReady: await ready(stack.adminUrl),
      verifier: await verify(),
      verifierReady: await ready(stack.verifierHttpUrl),
      guarded: await garmentsStatus(stack, key),
    };
  }

  const WORKING = { admin: 200, adminReady: 200, verifier: 1, verifierReady: 200, guarded: 200 };

  test('nothing is refused that should be answered: 503 and UNAVAILABLE, then recovery in the same process', async () => {
    expect(await everything()).toEqual(WORKING);
    await server.stop();
    const down = { admin: 503, adminReady: 503, verifier: 'UNAVAILABLE', verifierReady: 503, guarded: 503 };
    await until(async () => expect(await everything()).toEqual(down));
    expect((await admin.get('/keys')).body).toMatchObject({ error: { code: 'unavailable' } });

    server = await EmbeddedPostgres.start({ dataDirectory, durable: false, port: server.port });
    await until(async () => expect(await everything()).toEqual(WORKING));
  });

  test('no answer tells of the driver, the database or the code', async () => {
    await server.stop();
    const answers = await Promise.all([
      fetch(`${stack.adminUrl}/api/v1/keys`, { headers: { cookie: admin.cookie } }),
      fetch(`${stack.adminUrl}/health/ready`),
      fetch(`${stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${key}` } }),
    ]);
    const text = (await Promise.all(answers.map((answer) => answer.text()))).join('\n');
    expect(text).not.toMatch(/ECONN|terminat|typeorm|node_modules|127\.0\.0\.1|\.js:|\.ts:|at \w+ \(/i);
    server = await EmbeddedPostgres.start({ dataDirectory, durable: false, port: server.port });
  });
});

/** Tries until the expectation holds; fails with its last failure. */
async function until(expectation: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + RECOVERED_WITHIN_MS;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
