import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RedisServer } from '../../support/redis-server.js';
import { type Stack, startStack } from '../../support/stack.js';

describe('a start on the wrong log is refused, with what to do', () => {
  let redis: RedisServer;
  let onRedis: Stack;
  beforeAll(async () => {
    redis = await RedisServer.start();
    onRedis = await startStack({ env: { MINTMARK_REDIS_URL: redis.url } });
  });
  afterAll(async () => {
    await onRedis.stop();
    await redis.kill();
  });

  const start = (MINTMARK_REDIS_URL: string, database?: { readonly url: string }) =>
    startStack({ ...(database && { database }), env: { MINTMARK_REDIS_URL } });

  test('a process without Redis beside those on it', async () => {
    const starting = start('', { url: onRedis.databaseUrl });
    await expect(starting).rejects.toThrow(/code 1\):[^]*MINTMARK_REDIS_URL is not set: set it for every admin and verifier/);
  });

  test('a process with Redis beside those on Postgres', async () => {
    const onPostgres = await startStack();
    const starting = start(redis.url, { url: onPostgres.databaseUrl });
    await expect(starting).rejects.toThrow(/change log is on Postgres, but MINTMARK_REDIS_URL is set: unset it/);
    await onPostgres.stop();
  });

  test('a process on another Redis that this installation has used before', async () => {
    const installationId = String(await redis.command('KEYS', '{mintmark:*}:log')).replace(/^\{mintmark:(.*)\}:log$/, '$1');
    const other = await RedisServer.start();
    await other.command('SET', `{mintmark:${installationId}}:log`, 'another-log');
    const starting = start(other.url, { url: onRedis.databaseUrl });
    await expect(starting).rejects.toThrow(
      /is not the one that holds this installation's change log: correct MINTMARK_REDIS_URL/,
    );
    await other.kill();
  });

  test('a Redis with a replica, and the replica itself', async () => {
    const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(redis.port)]);
    await until(async () => String(await redis.command('INFO', 'replication')).includes('connected_slaves:1'));
    await expect(start(redis.url)).rejects.toThrow(/Redis at 127\.0\.0\.1:\d+ has replicas/);
    await expect(start(replica.url)).rejects.toThrow(/Redis at 127\.0\.0\.1:\d+ is a replica/);
    await replica.kill();
    await until(async () => String(await redis.command('INFO', 'replication')).includes('connected_slaves:0'));
  });

  test('a Redis that may evict', async () => {
    const evicting = await RedisServer.start(['--maxmemory', '10mb', '--maxmemory-policy', 'allkeys-lru']);
    await expect(start(evicting.url)).rejects.toThrow(
      /may evict what it holds \(maxmemory-policy allkeys-lru\); set it to noeviction/,
    );
    await evicting.kill();
  });

  test('a Redis that was never there', async () => {
    await expect(start('redis://127.0.0.1:1')).rejects.toThrow(
      'Redis at 127.0.0.1:1 could not be reached: start it, or correct MINTMARK_REDIS_URL.',
    );
  });

  test('but one that is away for the moment is waited for while tokens are verified', async () => {
    await redis.kill();
    await onRedis.restart({});
    const ready = await fetch(`${onRedis.verifierHttpUrl}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'degraded' }]);
    await redis.run();
    await until(async () =>
      (await fetch(`${onRedis.verifierHttpUrl}/health/ready`)).text().then((text) => text.includes('"status":"ok"')),
    );
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; !(await condition()); attempt += 1) {
    if (attempt > 200) throw new Error('it never came about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
