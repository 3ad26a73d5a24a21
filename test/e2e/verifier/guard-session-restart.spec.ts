import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { appCommand, Child } from '../../support/child.js';
import { type Installation, startInstallation } from './installation.js';
import { OutsideGuard } from './outside-guard.js';

const END_LIMIT_MS = 4_000;
const LEASE_AND_MARGIN_MS = 2_100;
const SLACK_MS = 400;

let installation: Installation;
const verifiers: Child[] = [];
const guards: OutsideGuard[] = [];

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(async () => {
  for (const guard of guards) guard.close();
  for (const verifier of verifiers) if (verifier.isRunning) await verifier.signal('SIGTERM');
  await installation.stop();
});

test('a verifier that ends tells its guards, and no change waits for it once they know', async () => {
  const verifier = await startVerifier();
  const guard = await openGuard(verifier);
  expect((await revokeOne()).verifiers).toBe(2);
  const ending = await verifier.signal('SIGTERM');
  expect(ending).toMatchObject({ code: 0 });
  expect(ending.ms).toBeLessThan(END_LIMIT_MS);
  expect(guard.told.at(-1)).toMatchObject({ message: 'ended', ended: { sequence: 1, reason: 'the verifier is shutting down' } });
  expect((await guard.ended()).status).toBe('OK');
  expect(await revokeOne()).toMatchObject({ verifiers: 1, by: 'acknowledgement' });
});

test('a verifier that is killed breaks its sessions, and changes wait for its lease once', async () => {
  const verifier = await startVerifier();
  const guard = await openGuard(verifier);
  await verifier.signal('SIGKILL');
  expect((await guard.ended()).status).toBe('UNAVAILABLE');
  const first = await revokeOne();
  expect(first).toMatchObject({ verifiers: 2, by: 'lease' });
  expect(first.ms).toBeLessThan(LEASE_AND_MARGIN_MS + SLACK_MS);
  expect(await revokeOne()).toMatchObject({ verifiers: 1, by: 'acknowledgement' });
});

async function openGuard(verifier: Child): Promise<OutsideGuard> {
  const address = new URL(verifier.surfaces.get('verifier-grpc') ?? '').host;
  const guard = await OutsideGuard.open(address, `Bearer ${installation.stack.serviceKey}`);
  guards.push(guard);
  return guard;
}

async function revokeOne() {
  const { id } = await installation.mint();
  const { status, body } = await installation.admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' });
  expect(status).toBe(200);
  return (body as { readonly enforced: { readonly verifiers: number; readonly ms: number; readonly by: string } }).enforced;
}

async function startVerifier(): Promise<Child> {
  const { stack } = installation;
  const verifier = Child.start(
    appCommand('verifier'),
    {
      MINTMARK_DATABASE_URL: stack.databaseUrl,
      MINTMARK_PEPPERS: stack.peppers,
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_VERIFIER_GRPC_PORT: '0',
      MINTMARK_VERIFIER_HTTP_PORT: '0',
    },
    tmpdir(),
  );
  verifiers.push(verifier);
  await verifier.untilSurfaces(['verifier-grpc', 'verifier-http'], 15_000);
  return verifier;
}
