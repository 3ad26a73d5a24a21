import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Installation, startInstallation } from '../verifier/installation.js';
import { GuardedApi } from './guarded-api.js';

const SCOPES = { scopes: ['garments:read'] };
const LIMIT = 10;
const RATE_LIMITS = [{ name: 'hour', limit: LIMIT, windowSeconds: 3_600 }];

let installation: Installation;
let api: GuardedApi;

beforeAll(async () => {
  installation = await startInstallation();
  api = await GuardedApi.start(installation.stack);
}, 60_000);
afterAll(async () => {
  await api.stop();
  await installation.stop();
});

/** The same request to the stack's own guarded service, which asks another verifier. */
async function getElsewhere(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${installation.stack.exampleUrl}/api/v1/garments`, { headers });
  await answer.arrayBuffer();
  return answer.status;
}

const count = (statuses: readonly number[]) => ({
  letIn: statuses.filter((status) => status === 200).length,
  limited: statuses.filter((status) => status === 429).length,
});

test('a key gets its limit once, of all services and verifiers together, however many requests come at once', async () => {
  const { token } = await installation.mint({ ...SCOPES, rateLimits: RATE_LIMITS });
  const statuses = await Promise.all(
    Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? api.get(token) : getElsewhere(token))),
  );
  expect(count(statuses)).toEqual({ letIn: LIMIT, limited: 90 });
});

test('a kept key that is given a limit is counted from the moment the change returned', async () => {
  const { token, id } = await installation.mint(SCOPES);
  await api.untilKept(token);
  expect(await installation.admin.patch(`/keys/${id}`, { rateLimits: RATE_LIMITS })).toMatchObject({ status: 200 });
  const statuses = await Promise.all(Array.from({ length: 30 }, () => api.get(token)));
  expect(count(statuses)).toEqual({ letIn: LIMIT, limited: 20 });
});

test('a key that has no limits any more is let in again, and kept', async () => {
  const { token, id } = await installation.mint({ ...SCOPES, quota: { remaining: 0 } });
  expect(await api.get(token)).toBe(402);
  expect(await installation.admin.patch(`/keys/${id}`, { quota: null })).toMatchObject({ status: 200 });
  await api.untilKept(token);
});
