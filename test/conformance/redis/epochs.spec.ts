import { LEASE_TERMS, type MemberState } from '#libs/coherence';
import { UnavailableError } from '#libs/key-domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../../support/redis-server.js';
import { type RedisChangeLogHarness, redisChangeLogHarness } from './change-log-harness.js';

const SCOPE = { kind: 'all' } as const;

/** Whatever Redis loses, nobody who may hold a lease is forgotten. */
describe('a Redis that loses what it held', () => {
  let logs: RedisChangeLogHarness;
  beforeAll(async () => {
    logs = await redisChangeLogHarness();
  });
  beforeEach(async () => {
    await logs.reset();
    logs.clock.now = 0;
  });
  afterAll(() => logs.close());

  const publish = async () => logs.publisher.publish(await logs.commit({ scope: SCOPE, handles: [] }));
  const verifier = async () => {
    const { log } = logs.process();
    const id = `ver_${randomUUID()}`;
    return { log, id, ...(await log.join(id)) };
  };
  const renew = ({ log, id, epoch }: Awaited<ReturnType<typeof verifier>>, position: number) =>
    log.exchange({ id, epoch }, { position, exceptions: [], staleGuards: 0 }, true);
  const unknown = (id: string): MemberState => ({ id, renewals: -1, position: -1, exceptions: [], staleGuards: 0 });
  const untilReachable = async () => {
    for (;;) {
      const seen = await logs.publisher.members().catch((error: unknown) => {
        if (!(error instanceof UnavailableError)) throw error;
        return null;
      });
      if (seen !== null) return seen;
      await sleep(20);
    }
  };

  const losses: [string, () => Promise<unknown>][] = [
    ['restarted', () => logs.server.kill().then(() => logs.server.run())],
    ['flushed', () => logs.server.command('FLUSHALL')],
    ['robbed of its hash', () => logs.server.command('DEL', logs.keys.members)],
  ];

  test.each(losses)('and is %s begins a new epoch, and still names every member of the former one', async (_, lose) => {
    const member = await verifier();
    const before = await publish();
    await renew(member, before.number - 1);
    await lose();
    expect(await untilReachable()).toMatchObject({ members: [] });
    const after = await publish();
    expect(after.epoch).not.toBe(before.epoch);
    expect(after.members).toEqual([unknown(member.id)]);
    expect(await renew(member, before.number)).toEqual({ outcome: 'lost' });
  });

  test('a restart between the publication and the confirmation: nobody has confirmed, whoever asks', async () => {
    const member = await verifier();
    const { epoch, number } = await publish();
    await logs.server.kill();
    await expect(renew(member, number)).rejects.toThrow(UnavailableError);
    await expect(logs.publisher.members()).rejects.toThrow(UnavailableError);
    await logs.server.run();
    const seen = await untilReachable();
    expect(seen.epoch).not.toBe(epoch);
    expect(seen.members).toEqual([]);
  });

  test('a restart that brings everything back is a new epoch all the same: what was written last may be missing', async () => {
    const member = await verifier();
    const { epoch } = await publish();
    await logs.server.command('SAVE');
    await logs.server.command('CONFIG', 'SET', 'save', '3600 1');
    await logs.server.kill();
    await logs.server.run();
    expect((await untilReachable()).epoch).not.toBe(epoch);
    expect(await renew(member, 1)).toEqual({ outcome: 'lost' });
  });

  test('a stream that is gone is a gap: whoever needs it begins anew', async () => {
    const member = await verifier();
    await publish();
    await logs.server.command('DEL', logs.keys.changes);
    expect(await renew(member, member.position)).toEqual({ outcome: 'lost' });
    expect(await renew(member, member.position + 1)).toMatchObject({ outcome: 'current' });
  });

  test('a member of a former epoch is forgotten once it was waited for in the new one, and not before', async () => {
    const member = await verifier();
    const before = await publish();
    await logs.server.command('FLUSHALL');
    await logs.publisher.prune(before.epoch, { id: member.id, renewals: 0 });
    const after = await publish();
    expect(after.members).toEqual([unknown(member.id)]);
    await logs.publisher.prune(after.epoch, unknown(member.id));
    expect((await publish()).members).toEqual([]);
  });

  test('whoever begins anew takes its former name out of the registry', async () => {
    const member = await verifier();
    await logs.server.command('FLUSHALL');
    const id = `ver_${randomUUID()}`;
    const joined = await member.log.join(id);
    expect(await logs.registry.ids()).toEqual([id]);
    expect(await renew({ ...member, ...joined, id }, joined.position)).toMatchObject({ outcome: 'current' });
  });

  test('a member that is recorded and joins while a change is published is not removed, and confirms by having joined', async () => {
    const { bare } = logs.process();
    const id = `ver_${randomUUID()}`;
    await logs.registry.record(id, []);
    const { epoch, number, members } = await publish();
    expect(members).toEqual([unknown(id)]);
    const { position } = await bare.join(id);
    expect(position).toBe(number);
    await logs.publisher.prune(epoch, unknown(id));
    expect(await logs.registry.ids()).toEqual([id]);
    expect((await publish()).members).toMatchObject([{ id, renewals: 0 }]);
  });

  test('a member that could not be recorded never joins', async () => {
    const { log } = logs.process();
    const id = `ver_${randomUUID()}`;
    await logs.registry.record(id, []);
    await expect(log.join(id)).rejects.toThrow(UnavailableError);
    expect((await logs.publisher.members()).members).toEqual([]);
  });

  test('a place is good for one lease: the server may have been exchanged for another since, and back', async () => {
    const member = await verifier();
    logs.clock.now += LEASE_TERMS.lease - LEASE_TERMS.margin - 1;
    expect(await renew(member, member.position)).toMatchObject({ outcome: 'current' });
    logs.clock.now += LEASE_TERMS.lease - LEASE_TERMS.margin;
    expect(await renew(member, member.position)).toEqual({ outcome: 'lost' });
  });

  test('a server that has got a replica is not used any more', async () => {
    const member = await verifier();
    const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(logs.server.port)]);
    try {
      await expect(untilRefused(() => renew(member, member.position))).resolves.toMatchObject({ detail: 'REPLICATED' });
      await expect(publish()).rejects.toMatchObject({ name: 'UnavailableError', detail: 'REPLICATED' });
    } finally {
      await replica.kill();
    }
    await untilReachable();
  });

  test('a server that holds another log of the installation is not used', async () => {
    await publish();
    await logs.server.command('SET', logs.keys.identity, 'another');
    await expect(publish()).rejects.toMatchObject({ name: 'UnavailableError', detail: 'OTHERLOG' });
  });
});

async function untilRefused(ask: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    const error = await ask().then(
      () => null,
      (failure: unknown) => failure,
    );
    if (error !== null) return error;
    await sleep(20);
  }
}
