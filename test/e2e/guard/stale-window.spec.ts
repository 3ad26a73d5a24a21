import { Controller, Get, type INestApplication, Module, type Type, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiKeyGuard, ApiKeyModule, type CacheOptions, RequireScopes } from '#libs/api-key-auth';
import { type Installation, startInstallation } from '../verifier/installation.js';

const WITHIN_MS = 5_000;

@UseGuards(ApiKeyGuard)
@Controller()
class GarmentsController {
  @Get() @RequireScopes('garments:read') list(): readonly string[] {
    return [];
  }
}

let installation: Installation;
const services: INestApplication[] = [];

beforeAll(async () => {
  installation = await startInstallation();
}, 60_000);
afterAll(async () => {
  for (const service of services.splice(0)) await service.close();
  await installation.stop();
});

/** A service whose guard keeps a key: it has a session with the verifier. */
async function startService(cache: CacheOptions): Promise<INestApplication> {
  const { verifierGrpc, serviceKey } = installation.stack;
  const guard = ApiKeyModule.forRoot({ verifierUrl: `http://${verifierGrpc}`, serviceKey, cache });
  const service = await NestFactory.create(serviceModule(guard), { logger: false });
  services.push(service);
  await service.listen(0, '127.0.0.1');
  const { token } = await installation.mint({ scopes: ['garments:read'] });
  const answer = await fetch(await service.getUrl(), { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return service;
}

function serviceModule(guard: ReturnType<typeof ApiKeyModule.forRoot>): Type {
  @Module({ imports: [guard], controllers: [GarmentsController] })
  class ServiceModule {}
  return ServiceModule;
}

/** What a revocation says of how it came into force. */
async function enforced(): Promise<{ readonly staleGuards?: number }> {
  const { id } = await installation.mint();
  const { status, body } = await installation.admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' });
  expect(status).toBe(200);
  return (body as { readonly enforced: { readonly staleGuards?: number } }).enforced;
}

/** Sessions begin and end beside the requests of a service. */
async function untilStaleGuards(expected: number | undefined): Promise<void> {
  for (const deadline = Date.now() + WITHIN_MS; (await enforced()).staleGuards !== expected;) {
    if (Date.now() > deadline) throw new Error(`no revocation counted ${expected} guards`);
    await sleep(50);
  }
}

test('a revocation says how many guards may go on without it while they reach no verifier, and nothing where there is none', async () => {
  await startService({});
  expect(await enforced()).toEqual({ verifiers: 1, ms: expect.any(Number), by: 'acknowledgement' });
  const stale = await startService({ staleWhileUnavailableMs: 60_000 });
  await untilStaleGuards(1);
  expect(await enforced()).toEqual({ verifiers: 1, ms: expect.any(Number), by: 'acknowledgement', staleGuards: 1 });
  await startService({ staleWhileUnavailableMs: 60_000 });
  await untilStaleGuards(2);
  await stale.close();
  await untilStaleGuards(1);
  for (const service of services) await service.close();
  await untilStaleGuards(undefined);
  expect(await enforced()).not.toHaveProperty('staleGuards');
}, 60_000);
