import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { type RedisInstallation, startOnRedis } from './redis-installation.js';

let installation: RedisInstallation;

beforeAll(async () => {
  installation = await startOnRedis();
});
afterAll(() => installation.stop());

const verdicts = (token: string) => Promise.all(installation.verifiers.map((verifier) => verifier.code({ token })));
const readiness = () =>
  Promise.all(
    installation.healthUrls.map(async (url) => {
      const answer = await fetch(`${url}/health/ready`);
      return { answered: answer.status, ...((await answer.json()) as { status: string; checks: object }) };
    }),
  );
const enforcedBy = (body: unknown) => (body as { enforced: unknown }).enforced;

describe('Redis is killed', () => {
  test('verification goes on and is right, revocations are in force when they are told, and nothing is restarted', async () => {
    const [kept, revoked, later] = [await installation.mint(), await installation.mint(), await installation.mint()];
    const unheard = await installation.mint();
    for (const { token } of [kept, revoked, later, unheard]) expect(await verdicts(token)).toEqual(['VALID', 'VALID']);

    await installation.redis.kill();
    expect(await verdicts(kept.token)).toEqual(['VALID', 'VALID']);
    // Leases of memory last for a while: every verifier has been asked by way of Postgres.
    const { status, body } = await installation.tryToRevoke(revoked);
    expect([status, enforcedBy(body)]).toEqual([200, expect.objectContaining({ verifiers: 2, by: 'acknowledgement' })]);
    expect(await verdicts(revoked.token)).toEqual(['REVOKED', 'REVOKED']);
    expect(await verdicts(kept.token)).toEqual(['VALID', 'VALID']);

    const goOn = installation.pauseSecondVerifier();
    expect(await installation.tryToRevoke(unheard)).toMatchObject({
      status: 503,
      body: { error: { code: 'enforcement_unconfirmed' } },
    });
    goOn();
    expect(await verdicts(unheard.token)).toEqual(['REVOKED', 'REVOKED']);
    expect((await installation.tryToRevoke(unheard)).status).toBe(200);
    for (const report of await readiness()) {
      expect(report).toMatchObject({
        answered: 200,
        status: 'degraded',
        checks: { redis: { status: 'degraded' }, postgres: { status: 'ok' } },
      });
    }

    await installation.redis.run();
    expect(await eventually(readiness, (reports) => reports.every((report) => report.status === 'ok'))).toMatchObject([
      { status: 'ok' },
      { status: 'ok' },
    ]);
    const repeated = await eventually(
      () => installation.tryToRevoke(revoked),
      (answer) => answer.status === 200,
    );
    expect(repeated.status).toBe(200);
    await eventually(
      async () => enforcedBy((await installation.tryToRevoke(revoked)).body),
      (by) => (by as { by: string }).by === 'acknowledgement',
    );
    expect(enforcedBy((await installation.tryToRevoke(later)).body)).toMatchObject({ verifiers: 2, by: 'acknowledgement' });
    expect(await verdicts(later.token)).toEqual(['REVOKED', 'REVOKED']);
    expect(await verdicts(kept.token)).toEqual(['VALID', 'VALID']);
  }, 90_000);

  test('and a verifier ends in good order meanwhile: no change waits for it', async () => {
    const key = await installation.mint();
    const another = await installation.startVerifier();
    await eventually(
      async () => enforcedBy((await installation.tryToRevoke(await installation.mint())).body),
      (by) => (by as { verifiers: number }).verifiers === 3,
    );
    await installation.redis.kill();
    // Its lease has run out, and its place with it.
    await sleep(4_000);
    await another.stop();
    expect(await installation.tryToRevoke(key)).toMatchObject({ status: 200, body: { enforced: { verifiers: 2 } } });
    await installation.redis.run();
  }, 60_000);

  test('and flushed while it runs: the next revocation is enforced all the same', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => installation.mint()));
    for (const key of keys) {
      expect(await verdicts(key.token)).toEqual(['VALID', 'VALID']);
      await installation.redis.command('FLUSHALL');
      const { status } = await installation.tryToRevoke(key);
      expect(status).toBe(200);
      expect(await verdicts(key.token)).toEqual(['REVOKED', 'REVOKED']);
    }
  }, 60_000);

  test('killed and started again between the publication and the confirmation: the revocation is in force when it is told', async () => {
    const keys = await Promise.all(Array.from({ length: 3 }, () => installation.mint()));
    for (const key of keys) {
      expect(await verdicts(key.token)).toEqual(['VALID', 'VALID']);
      const revoking = installation.tryToRevoke(key);
      await installation.redis.kill();
      await installation.redis.run();
      const { status } = await revoking;
      expect([200, 503]).toContain(status);
      if (status === 503)
        expect(
          (
            await eventually(
              () => installation.tryToRevoke(key),
              (answer) => answer.status === 200,
            )
          ).status,
        ).toBe(200);
      expect(await verdicts(key.token)).toEqual(['REVOKED', 'REVOKED']);
    }
  }, 90_000);
});
