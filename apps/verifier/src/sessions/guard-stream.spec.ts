import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TokenVerifierServiceClient } from '#libs/contract';
import { AWAY, contractClient, startVerifierFixture, type VerifierFixture } from '../verifier-app.fixture.js';

let verifier: VerifierFixture;
let client: TokenVerifierServiceClient;

beforeAll(async () => {
  verifier = await startVerifierFixture();
  client = contractClient(verifier.grpc);
});
afterAll(async () => {
  client.close();
  await verifier.close();
});

function openSession(serviceKey: string): Promise<ServiceError> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${serviceKey}`);
  const stream = client.watchKeys(metadata);
  stream.write({ message: { $case: 'open', value: { staleWhileUnavailable: undefined } } });
  stream.resume();
  return new Promise((resolve) => stream.on('error', resolve));
}

test('a verifier that answers no question from memory opens no session, and says that it may be tried again', async () => {
  expect((await openSession(verifier.serviceKey)).code).toBe(status.UNAVAILABLE);
});

test('a service key that can not be judged now opens none either; one that is no good is told apart', async () => {
  expect((await openSession('not-a-key')).code).toBe(status.UNAUTHENTICATED);
  verifier.secrets.failure = AWAY;
  expect((await openSession(verifier.serviceKey)).code).toBe(status.UNAVAILABLE);
  verifier.secrets.failure = null;
});
