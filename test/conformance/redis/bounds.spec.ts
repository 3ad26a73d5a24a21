import { REDIS_LOG_LIMITS } from '#libs/coherence';
import { UnavailableError } from '#libs/key-domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type RedisChangeLogHarness, redisChangeLogHarness } from './change-log-harness.js';

const LIMITS = { ...REDIS_LOG_LIMITS, changesHeld: 5, members: 3, exceptions: 2 };
const SCOPE = { kind: 'account', accountId: 'acc_1' } as const;

describe('what the log holds in Redis is bounded', () => {
  let logs: RedisChangeLogHarness;
  beforeAll(async () => {
    logs = await redisChangeLogHarness(LIMITS);
  });
  beforeEach(() => logs.reset());
  afterAll(() => logs.close());

  const publish = async () => logs.publisher.publish(await logs.commit({ scope: SCOPE, handles: [] }));

  test('changes: the oldest go first, and whoever still needed them begins anew', async () => {
    const { log } = logs.process();
    const member = { id: 'ver_1', ...(await log.join('ver_1')) };
    for (let count = 0; count < LIMITS.changesHeld + 1; count += 1) await publish();
    expect(await logs.server.command('XLEN', logs.keys.changes)).toBe(LIMITS.changesHeld);
    const at = (position: number) => log.exchange(member, { position, exceptions: [], staleGuards: 0 }, true);
    expect(await at(member.position)).toEqual({ outcome: 'lost' });
    expect(await at(member.position + 1)).toMatchObject({ outcome: 'current', complete: true });
  });

  test('members: one too many is refused, until another leaves', async () => {
    const joined = [];
    for (let count = 0; count < LIMITS.members; count += 1) {
      const [{ log }, id] = [logs.process(), `ver_${randomUUID()}`];
      joined.push({ log, id, ...(await log.join(id)) });
    }
    await expect(logs.process().log.join('ver_more')).rejects.toThrow(UnavailableError);
    const [first] = joined;
    await first?.log.leave(first);
    await expect(logs.process().log.join('ver_later')).resolves.toMatchObject({ position: 0 });
  });

  test('exceptions: beyond them a member confirms no further, and confirms nothing falsely', async () => {
    const { log } = logs.process();
    const member = { id: 'ver_1', ...(await log.join('ver_1')) };
    for (let count = 0; count < 5; count += 1) await publish();
    await log.exchange(member, { position: 5, exceptions: [4, 1, 3], staleGuards: 0 }, true);
    const [state] = (await logs.publisher.members()).members;
    expect(state).toMatchObject({ position: 3, exceptions: [1, 3], staleGuards: 0 });
  });

  test('nothing of it expires', async () => {
    await publish();
    for (const key of Object.values(logs.keys)) expect(await logs.server.command('TTL', key)).toBe(-1);
  });
});
