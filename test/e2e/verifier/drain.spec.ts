import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { appCommand, Child } from '../../support/child.js';
import { type Installation, startInstallation } from './installation.js';
import { OutsideClient } from './outside-client.js';

const CALLERS_PER_CLIENT = 10;
const END_LIMIT_MS = 4_000;

let installation: Installation;
let token: string;
const verifiers: Child[] = [];
const clients: OutsideClient[] = [];

beforeAll(async () => {
  installation = await startInstallation();
  ({ token } = await installation.mint());
});
afterAll(async () => {
  for (const client of clients) client.close();
  for (const verifier of verifiers) if (verifier.isRunning) await verifier.signal('SIGTERM');
  await installation.stop();
});

test('while each of two verifiers is restarted in turn, no call of a client that knows both fails', async () => {
  const addresses = [await startVerifier('0'), await startVerifier('0')].map(addressOf);
  const outcomes: string[] = [];
  let stop = false;
  const call = async (client: OutsideClient, pause: number) => {
    while (!stop) {
      outcomes.push(await client.code({ token }).catch(String));
      await sleep(pause);
    }
  };
  for (const order of [addresses, [...addresses].reverse()]) {
    clients.push(new OutsideClient(`ipv4:${order.join(',')}`, `Bearer ${installation.stack.serviceKey}`));
  }
  const callers = clients.flatMap((client) => Array.from({ length: CALLERS_PER_CLIENT }, (_, index) => call(client, index)));

  for (const verifier of [...verifiers]) {
    await sleep(300);
    const address = addressOf(verifier);
    const ending = await verifier.signal('SIGTERM');
    expect(ending).toMatchObject({ code: 0 });
    expect(ending.ms).toBeLessThan(END_LIMIT_MS);
    expect(addressOf(await startVerifier(new URL(`http://${address}`).port))).toBe(address);
  }
  await sleep(300);
  stop = true;
  await Promise.all(callers);

  expect(new Set(outcomes)).toEqual(new Set(['VALID']));
  expect(outcomes.length).toBeGreaterThan(500);
});

async function startVerifier(grpcPort: string): Promise<Child> {
  const { stack } = installation;
  const verifier = Child.start(
    appCommand('verifier'),
    {
      MINTMARK_DATABASE_URL: stack.databaseUrl,
      MINTMARK_PEPPERS: stack.peppers,
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_VERIFIER_GRPC_PORT: grpcPort,
      MINTMARK_VERIFIER_HTTP_PORT: '0',
    },
    tmpdir(),
  );
  verifiers.push(verifier);
  await verifier.untilSurfaces(['verifier-grpc', 'verifier-http'], 15_000);
  return verifier;
}

function addressOf(verifier: Child): string {
  return new URL(verifier.surfaces.get('verifier-grpc') ?? '').host;
}
