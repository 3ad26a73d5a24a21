import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { type RedisInstallation, startOnRedis } from './redis-installation.js';

/** Longer than any lease. */
const OUTAGE_MS = 5_000;

let installation: RedisInstallation;

beforeAll(async () => {
  installation = await startOnRedis();
});
afterAll(() => installation.stop());

describe('Postgres is cut off while Redis is there', () => {
  test('remembered keys go on verifying beyond a lease; an unknown one is unavailable, never not found', async () => {
    const [remembered, forgotten] = [await installation.mint(), await installation.mint()];
    const verdicts = () => Promise.all(installation.verifiers.map((verifier) => verifier.code({ token: remembered.token })));
    // Twice: the second answer comes from memory.
    for (let count = 0; count < 2; count += 1) expect(await verdicts()).toEqual(['VALID', 'VALID']);

    installation.postgres.cut();
    const until = performance.now() + OUTAGE_MS;
    while (performance.now() < until) {
      expect(await verdicts()).toEqual(['VALID', 'VALID']);
      await sleep(100);
    }
    // Whoever goes by readiness must not take away those who answer.
    for (const url of installation.healthUrls) {
      const ready = await fetch(`${url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        expect.objectContaining({ status: 'degraded', checks: expect.objectContaining({ postgres: { status: 'degraded' } }) }),
      ]);
    }
    for (const verifier of installation.verifiers) {
      await expect(verifier.code({ token: forgotten.token })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    }
    installation.postgres.restore();

    const revoked = await eventually(
      () => installation.tryToRevoke(remembered),
      (answer) => answer.status === 200,
    );
    expect(revoked.status).toBe(200);
    expect(await verdicts()).toEqual(['REVOKED', 'REVOKED']);
  }, 60_000);
});
