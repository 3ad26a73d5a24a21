import { type EpochLog, LogEnforcement, LogFollower, RegisteredLog, SettledEnforcement } from '#libs/coherence';
import { type LoggedChange, SYSTEM_TIME, StoreTime } from '#libs/key-domain';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisChangeLogHarness, redisChangeLogHarness } from './change-log-harness.js';

/** Long enough to publish on the other server, short enough for the member not to ask there. */
const AWAY_MS = 100;

/** Two servers behind one address, of which one answers. */
class OneAddress implements EpochLog {
  constructor(public answers: EpochLog) {}
  join: EpochLog['join'] = (id) => this.answers.join(id);
  exchange: EpochLog['exchange'] = (member, progress, renew) => this.answers.exchange(member, progress, renew);
  leave: EpochLog['leave'] = (member) => this.answers.leave(member);
  publish: EpochLog['publish'] = (change) => this.answers.publish(change);
  members: EpochLog['members'] = () => this.answers.members();
  prune: EpochLog['prune'] = (epoch, member) => this.answers.prune(epoch, member);
  onPublished = () => undefined;
  onProgress = () => undefined;
}

describe('a Redis that is exchanged for another, and back', () => {
  let [one, other]: RedisChangeLogHarness[] = [];
  beforeAll(async () => {
    [one, other] = [await redisChangeLogHarness(), await redisChangeLogHarness()];
  });
  afterAll(async () => {
    await one?.close();
    await other?.close();
  });

  test('what was published on the other is known to every member when the call returns', async () => {
    if (one === undefined || other === undefined) throw new Error('not started');
    const servers = [one.process().bare, other.process().bare] as const;
    const address = new OneAddress(servers[0]);
    const forgotten: (LoggedChange | 'everything')[] = [];
    const storeTime = new StoreTime(SYSTEM_TIME);
    storeTime.learn(0, { monotonic: 0, wall: 0 });
    const follower = new LogFollower(new RegisteredLog(address, one.registry, SYSTEM_TIME), {
      time: SYSTEM_TIME,
      newMemberId: () => `ver_${randomUUID()}`,
      storeTime,
    });
    follower.follow({ forget: (change) => forgotten.push(change), forgetEverything: () => forgotten.push('everything') });
    follower.start();
    while (!follower.mayAnswerFromMemory()) await sleep(10);
    await sleep(50);

    const published = new RegisteredLog(address, one.registry, SYSTEM_TIME);
    const enforcement = new SettledEnforcement(new LogEnforcement(published, { time: SYSTEM_TIME }), published, SYSTEM_TIME);
    address.answers = servers[1];
    const enforcing = enforcement.enforce({ place: 1, scope: { kind: 'all' }, handles: [] });
    await sleep(AWAY_MS);
    address.answers = servers[0];
    await enforcing;
    expect(forgotten).not.toEqual([]);
    await follower.stop();
  });
});
