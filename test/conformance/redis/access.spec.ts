import { RedisChangeLog, RedisConnection } from '#libs/coherence';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../../support/redis-server.js';

const CHANGE = { place: 1, scope: { kind: 'all' }, handles: [] } as const;
const HINT_WITHIN_MS = 2_000;

/** @throws Error unless it comes true in time */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + HINT_WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('no hint came in time');
    await sleep(10);
  }
}

describe('a user of its own in Redis', () => {
  let server: RedisServer;
  const open: RedisConnection[] = [];
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(async () => {
    for (const connection of open) connection.close();
    await server.kill();
  });

  const logAs = async (user: string, installationId: string) => {
    const troubles: unknown[] = [];
    const url = server.url.replace('redis://', `redis://${user}:password@`);
    const connection = new RedisConnection({ url, onTrouble: (error) => troubles.push(error) });
    open.push(connection);
    await connection.open();
    return { log: new RedisChangeLog(connection, { installationId, identity: 'a log' }), connection, troubles };
  };

  test('that may do what docs/configuration.md says can do all that the log needs, hints included', async () => {
    const [rules] = /^ACL SETUSER .*$/m.exec(await readFile('docs/configuration.md', 'utf8')) ?? [];
    const [, , user, ...words] = rules?.split(' ') ?? [];
    await server.command('ACL', 'SETUSER', user ?? '', ...words);
    const { log, connection, troubles } = await logAs('mintmark', randomUUID());
    const hinted = { published: 0, progress: 0 };
    log.onPublished(() => (hinted.published += 1));
    log.onProgress(() => (hinted.progress += 1));
    await connection.info();
    const member = { id: 'ver_1', ...(await log.join('ver_1')) };
    // It calls back once more after it has subscribed: what follows is told by messages.
    await until(() => hinted.published > 0 && hinted.progress > 0);
    Object.assign(hinted, { published: 0, progress: 0 });
    const { number } = await log.publish(CHANGE);
    expect(await log.exchange(member, { position: number - 1, exceptions: [], staleGuards: 0 }, true)).toMatchObject({
      complete: true,
    });
    expect(await log.exchange(member, { position: number, exceptions: [], staleGuards: 0 }, true)).toMatchObject({ changes: [] });
    await until(() => hinted.published > 0 && hinted.progress > 0);
    expect((await log.members()).members).toMatchObject([{ id: 'ver_1', position: number }]);
    await log.leave(member);
    expect(await log.prune(member.epoch, { id: 'ver_1', renewals: 0 })).toBe(true);
    expect(troubles).toEqual([]);
  });

  test('that may not send hints publishes each change once all the same', async () => {
    await server.command('ACL', 'SETUSER', 'mute', 'on', '>password', 'allkeys', 'resetchannels', '+@all');
    const { log } = await logAs('mute', randomUUID());
    const member = { id: 'ver_1', ...(await log.join('ver_1')) };
    expect([(await log.publish(CHANGE)).number, (await log.publish(CHANGE)).number]).toEqual([1, 2]);
    const exchanged = await log.exchange(member, { position: 0, exceptions: [], staleGuards: 0 }, true);
    expect(exchanged).toMatchObject({ outcome: 'current', changes: [{ number: 1 }, { number: 2 }] });
  });
});
