import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, startInstallation } from '../verifier/installation.js';
import { GuardedApi } from './guarded-api.js';

const REPETITIONS = 200;
const CALLERS = 4;
/** The longest for which anybody may answer on the word of a verifier that is gone. */
const LEASE_MS = 2_000;
const SCOPES = { scopes: ['garments:read'] };

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

test('a key that was judged once costs the verifier nothing more', async () => {
  const { token } = await installation.mint(SCOPES);
  await api.untilKept(token);
  const before = await api.judged();
  for (let request = 0; request < 50; request += 1) expect(await api.get(token)).toBe(200);
  expect(await api.judged()).toBe(before);
});

test(`a kept key is refused from the moment its revocation returned, ${REPETITIONS} times under load`, async () => {
  const after: number[] = [];
  const loaded = await installation.mint(SCOPES);
  let isOver = false;
  const load = Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (!isOver) expect(await api.get(loaded.token)).toBe(200);
    }),
  );
  while (after.length < REPETITIONS) {
    const key = await installation.mint(SCOPES);
    expect([await api.get(key.token), await api.get(key.token)]).toEqual([200, 200]);
    await installation.revoke(key);
    after.push(await api.get(key.token));
  }
  isOver = true;
  await load;
  expect(after.filter((status) => status !== 401)).toEqual([]);
}, 120_000);

test('with its verifier killed the guard answers 503 once its lease is over, and keeps keys again soon after that is back', async () => {
  const { token } = await installation.mint(SCOPES);
  await api.untilKept(token);
  await api.killVerifier();
  await sleep(LEASE_MS);
  for (let request = 0; request < 5; request += 1) expect(await api.get(token)).toBe(503);
  await api.startVerifier();
  await api.untilKept(token);
}, 60_000);
