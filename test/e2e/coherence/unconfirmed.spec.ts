import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { bearer } from '../../support/admin-client.js';
import { freshDatabase } from '../../support/fresh-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { startInstallation, type Installation } from '../verifier/installation.js';

let databaseUrl: string;
let proxy: TcpProxy;
let installation: Installation;

beforeAll(async () => {
  databaseUrl = (await freshDatabase()).url;
  proxy = await TcpProxy.before(databaseUrl);
  installation = await startInstallation({ database: { url: proxy.url } });
}, 60_000);
afterAll(async () => {
  proxy.restore();
  await installation.stop();
  await proxy.stop();
});

/** While nobody can ask who the verifiers are: a change commits, and can't be published. */
async function withoutVerifiers<T>(work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('LOCK TABLE verifiers IN ACCESS EXCLUSIVE MODE');
    return await work();
  } finally {
    await client.end();
  }
}

async function revoke(id: string): Promise<{ readonly status: number; readonly body: unknown }> {
  return installation.admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' });
}

async function untilRevoked(id: string): Promise<object> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const answer = await revoke(id);
    if (answer.status === 200) return answer.body as object;
    expect(answer).toMatchObject({ status: 503 });
    await sleep(100);
  }
  throw new Error('never confirmed');
}

describe('a change that is committed and can not be confirmed', () => {
  test('is 503 enforcement_unconfirmed within a lease and a second, and the repetition says that it is in force', async () => {
    const { id } = await installation.mint();
    const began = performance.now();
    const answer = await withoutVerifiers(() => revoke(id));
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'enforcement_unconfirmed' } } });
    expect(performance.now() - began).toBeGreaterThan(2_900);
    expect(performance.now() - began).toBeLessThan(3_600);
    expect(await untilRevoked(id)).toMatchObject({
      metadata: { status: 'revoked' },
      enforced: { verifiers: 1, by: expect.stringMatching(/^(acknowledgement|lease)$/) },
    });
    const metrics = await (await fetch(`${installation.stack.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^mintmark_enforcements_unconfirmed_total\S* [1-9]/m);
  });

  test('is so too where Postgres is lost between the commit and the confirmation', async () => {
    const { id } = await installation.mint();
    const answer = await withoutVerifiers(async () => {
      const revoking = revoke(id);
      await sleep(500);
      proxy.cut();
      return revoking;
    });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'enforcement_unconfirmed' } } });
    expect(JSON.stringify(answer.body)).not.toMatch(/ECONN|127\.0\.0\.1|postgres/i);
    proxy.restore();
    expect(await untilRevoked(id)).toMatchObject({ metadata: { status: 'revoked' } });
  });

  test('is 503 unavailable where Postgres is lost before the commit was heard of, and the repetition succeeds', async () => {
    const { id } = await installation.mint();
    proxy.cut();
    expect(await revoke(id)).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    proxy.restore();
    expect(await untilRevoked(id)).toMatchObject({ metadata: { status: 'revoked' } });
  });

  test('is 503 to a key that revokes itself too, until the repetition says that it is in force: never 401', async () => {
    const { token } = await installation.mint();
    const revokeItself = () => bearer(installation.stack, token).post('/keys/self/revoke');
    const unconfirmed = { status: 503, body: { error: { code: 'enforcement_unconfirmed' } } };
    const answers = await withoutVerifiers(async () => [await revokeItself(), await revokeItself()]);
    expect(answers).toMatchObject([unconfirmed, unconfirmed]);
    const enforced = { verifiers: 1, by: expect.stringMatching(/^(acknowledgement|lease)$/) };
    expect(await revokeItself()).toMatchObject({ status: 200, body: { enforced } });
    expect((await bearer(installation.stack, token).get('/keys/self')).status).toBe(401);
  });

  test('of many keys at once is waited for by the answer that one of them is revoked', async () => {
    const { id } = await installation.mint({ ownerId: 'gone' });
    const all = { ownerId: 'gone', reason: 'key_compromise' };
    const change = () => installation.admin.patch(`/keys/${id}`, { name: 'Another' });
    const answers = await withoutVerifiers(async () => [
      await installation.admin.post('/keys/revoke-matching', all),
      await change(),
    ]);
    const unconfirmed = { status: 503, body: { error: { code: 'enforcement_unconfirmed' } } };
    expect(answers).toMatchObject([unconfirmed, unconfirmed]);
    expect(await change()).toMatchObject({ status: 409 });
  });
});
