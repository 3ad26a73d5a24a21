import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomFrom } from '../log/virtual-time.fixture.js';
import { LEASE_TERMS } from '../terms.js';
import { KEY, start } from './followed-log.fixture.js';

/** One life of a log that goes wrong in every way, watched at random moments. */
async function watchTrouble(seed: number): Promise<void> {
  const random = randomFrom(seed);
  const chance = (likelihood: number) => random() < likelihood;
  const { truth, time, log, told, follower } = start({ rate: 0.98 + random() * 0.04 });
  /** By epoch and number: when it was committed. */
  const committed = new Map<string, number>();
  /** Until then nothing gets through. */
  let cut = 0;
  const delay = () => (truth.now < cut || chance(0.05) ? null : chance(0.1) ? random() * 1_500 : random() * 5);
  log.pageSize = 1 + Math.floor(random() * 4);
  log.fate = () => ({ there: delay(), back: chance(0.3) ? random() * 990 : delay() });
  log.hintDelay = delay;
  let epochs = 1;
  for (let step = 0; step < 150; step += 1) {
    if (chance(0.4)) {
      log.commit(chance(0.1) ? { kind: 'all' } : KEY);
      committed.set(`${log.epoch} ${log.head}`, truth.now);
    }
    if (chance(0.05)) cut = truth.now + random() * 3_000;
    if (chance(0.02)) log.known.clear();
    if (chance(0.02)) log.trim(log.head - Math.floor(random() * 3));
    if (chance(0.01)) log.beginEpoch(`e${(epochs += 1)}`);
    if (chance(0.02)) time.wallOffset += (random() - 0.5) * 10_000;
    await truth.pass(chance(0.3) ? random() * 500 : random() * 60);
    const stamp = follower.stamp();
    const memory = told.lives.at(-1) ?? [];
    expect(memory.every((number, index) => index === 0 || number === (memory[index - 1] ?? NaN) + 1)).toBe(true);
    if (stamp === null) {
      expect([follower.mayAnswerFromMemory(), follower.leaseLeft(), memory]).toEqual([false, 0, []]);
      continue;
    }
    if (memory.length > 0) expect(memory.at(-1)).toBe(stamp.position);
    if (!follower.mayAnswerFromMemory()) continue;
    // What memory may still be without was committed less than a lease ago, or after its epoch had ended.
    const epoch = log.epochs.get(stamp.epoch) ?? '';
    for (let number = stamp.position + 1; committed.has(`${epoch} ${number}`); number += 1) {
      expect(truth.now - (committed.get(`${epoch} ${number}`) ?? NaN)).toBeLessThan(LEASE_TERMS.lease);
    }
    expect(follower.isUnchangedSince({ ...stamp, epoch: 'another' }, { accountId: 'acc', keyId: 'key' })).toBe(false);
  }
}

test('whatever goes wrong, a lease vouches for every change older than itself, and memories hear of each once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), (seed) => watchTrouble(seed)),
    { numRuns: 60 },
  );
}, 60_000);
