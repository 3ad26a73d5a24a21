import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { service as healthService } from 'grpc-health-check';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TokenVerifierServiceClient } from '#libs/contract';
import { createLog, Metrics } from '#libs/observability';
import { CallMeasures } from './grpc/call-measures.js';
import { askClientsToLeave } from './grpc/going-away.js';
import { GrpcEndpoint } from './grpc/grpc-endpoint.js';
import { bareClient, contractClient, startVerifierFixture, StoredSecrets, type VerifierFixture } from './verifier-app.fixture.js';

const WORKERS = 40;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(secrets?: StoredSecrets): Promise<VerifierFixture> {
  const verifier = await startVerifierFixture(secrets);
  open.push(verifier);
  return verifier;
}

function verify(client: TokenVerifierServiceClient, serviceKey: string): Promise<string> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${serviceKey}`);
  const request = {
    credential: { $case: 'token', value: 'x' } as const,
    requiredScopes: [],
    productId: '',
    clientIp: '',
    environment: '',
    cost: undefined,
    tags: {},
    guardSessionId: '',
  };
  return new Promise((resolve) => {
    client.verifyToken(request, metadata, { deadline: Date.now() + 8_000 }, (error) => {
      resolve(error === null ? 'answered' : `${status[error.code]} ${error.details}`);
    });
  });
}

describe('a verifier that closes', () => {
  test.each(['round_robin', 'pick_first'])('fails no call of clients that know another one (%s)', async (policy) => {
    const secrets = new StoredSecrets();
    secrets.slowness = () => Math.random() * 10;
    const [leaving, staying] = [await start(secrets), await start(secrets)];
    const client = contractClient(`ipv4:${leaving.grpc},${staying.grpc}`, {
      'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ [policy]: {} }] }),
    });
    open.push(client);
    const outcomes: string[] = [];
    let stop = false;
    const worker = async (gap: number) => {
      while (!stop) {
        outcomes.push(await verify(client, staying.serviceKey));
        await pause(gap);
      }
    };
    const workers = Array.from({ length: WORKERS }, (_, index) => worker(index));
    await more(outcomes);
    const began = performance.now();
    const closed = leaving.close();
    await more(outcomes);
    await closed;
    expect(performance.now() - began).toBeLessThan(4_000);
    await more(outcomes);
    stop = true;
    await Promise.all(workers);
    expect(new Set(outcomes)).toEqual(new Set(['answered']));
  });

  test('answers what it has begun', async () => {
    const verifier = await start();
    const client = contractClient(verifier.grpc);
    open.push(client);
    verifier.secrets.slowness = () => 1_500;
    const slow = verify(client, verifier.serviceKey);
    await pause(100);
    await verifier.close();
    expect(verifier.secrets.answered).toBe(1); // before anything that it stands on was closed
    expect(await slow).toBe('answered');
  });

  test('ends what takes too long, within 4 s', async () => {
    const verifier = await start();
    const client = contractClient(verifier.grpc);
    open.push(client);
    verifier.secrets.slowness = () => 3_500;
    const endless = verify(client, verifier.serviceKey);
    await pause(100);
    const began = performance.now();
    await verifier.close();
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(await endless).toMatch(/^(UNAVAILABLE|CANCELLED)/);
    expect(verifier.log.join('')).toContain('calls still in flight were ended');
  }, 10_000);

  test('says first that it is not ready, over HTTP and to whoever watches its health, while it still answers', async () => {
    const verifier = await start();
    const client = contractClient(verifier.grpc);
    const bare = bareClient(verifier.grpc);
    open.push(client, bare);
    const { Watch } = healthService;
    if (Watch === undefined) throw new Error('no Watch');
    const seen: string[] = [];
    const watch = bare.makeServerStreamRequest(Watch.path, Watch.requestSerialize, Watch.responseDeserialize, { service: '' });
    watch.on('data', (answer: { status: string }) => seen.push(answer.status));
    const ended = new Promise<ServiceError>((resolve) => watch.on('error', resolve));
    expect(await verify(client, verifier.serviceKey)).toBe('answered');
    while (seen.length === 0) await pause(10);

    const closing = verifier.close();
    const [ready, verdict] = await Promise.all([fetch(`${verifier.http}/health/ready`), verify(client, verifier.serviceKey)]);
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { status: 'unavailable', checks: { running: { status: 'unavailable' } } },
    ]);
    expect(verdict).toBe('answered');
    await closing;
    expect(seen).toEqual(['SERVING', 'NOT_SERVING']);
    expect((await ended).code).toBe(status.UNAVAILABLE);
  });
});

test('every client that is connected is asked to leave before its connection is closed', async () => {
  const endpoint = new GrpcEndpoint(createLog('test', { write: () => undefined }), new CallMeasures(new Metrics('test')));
  const port = await endpoint.listen('127.0.0.1', 0);
  const clients = [0, 1].map(
    () => new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }),
  );
  open.push(...clients);
  for (const client of clients) await promisify(client.waitForReady.bind(client))(Date.now() + 3_000);
  expect(askClientsToLeave(endpoint.server)).toBe(2);
  await endpoint.drain();
});

/** Until each of the workers has been answered once more. */
async function more(outcomes: readonly string[]): Promise<void> {
  for (const enough = outcomes.length + 2 * WORKERS; outcomes.length < enough;) await pause(10);
}
