import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeScope, FollowingMemory, LoggedChange, Road } from '#libs/key-domain';
import { type Fate, ScriptedLog } from '../log/scripted-log.fixture.js';
import { ProcessTime, randomFrom, VirtualTime } from '../log/virtual-time.fixture.js';
import { LEASE_TERMS } from '../terms.js';
import type { Audience } from './audience.js';
import { LogFollower } from './log-follower.js';

const LEASE = LEASE_TERMS.lease - LEASE_TERMS.margin;
const KEY: ChangeScope = { kind: 'key', accountId: 'acc', keyId: 'key' };

/** What a memory was told: numbers of changes; a new list each time everything was to be forgotten. */
class Told implements FollowingMemory {
  lives: number[][] = [[]];
  inquired: number[] = [];

  forget({ number }: LoggedChange, road: Road): void {
    if (road === 'log') this.lives.at(-1)?.push(number);
    else this.inquired.push(number);
  }

  forgetEverything(): void {
    this.lives.push([]);
  }
}

class Guards implements Audience {
  numbers: number[] = [];
  silent = true;
  stale = 0;
  #listener = () => undefined as unknown;

  unconfirmed(): readonly number[] {
    return this.numbers;
  }

  isSilent(): boolean {
    return this.silent;
  }

  staleGuards(): number {
    return this.stale;
  }

  onConfirmed(listener: () => void): void {
    this.#listener = listener;
  }

  confirm(): void {
    this.numbers = [];
    this.#listener();
  }

  keepStale(count: number): void {
    this.stale = count;
    this.#listener();
  }
}

function start({ rate = 1, delay = 1 }: { readonly rate?: number; readonly delay?: number } = {}) {
  const truth = new VirtualTime();
  const time = new ProcessTime(truth, rate);
  const log = new ScriptedLog(truth);
  log.fate = () => ({ there: delay, back: delay });
  const guards = new Guards();
  const told = new Told();
  const troubles: unknown[] = [];
  let members = 0;
  const follower = new LogFollower(log, {
    time,
    newMemberId: () => `m${(members += 1)}`,
    audience: guards,
    onTrouble: (error) => troubles.push(error),
  });
  follower.follow(told);
  follower.start();
  return { truth, time, log, guards, told, troubles, follower };
}

const lost: Fate = { there: null, back: null };

describe('a follower', () => {
  test('answers from memory only once a renewal has come back, and tells no time before', async () => {
    const { truth, follower } = start({ delay: 20 });
    await truth.pass(39);
    expect([follower.stamp(), follower.mayAnswerFromMemory()]).toEqual([null, false]);
    await truth.pass(20);
    expect([follower.stamp(), follower.mayAnswerFromMemory()]).toEqual([{ epoch: 'm1', position: 0 }, false]);
    await truth.pass(22);
    expect(follower.mayAnswerFromMemory()).toBe(true);
    expect(follower.storeTime()).toBeGreaterThanOrEqual(1_000_000 + truth.now);
  });

  test('counts its lease from before it asked, however late the answer came', async () => {
    const { truth, log, follower } = start();
    log.fate = () => (log.asked.length === 1 ? { there: 1, back: 900 } : lost);
    await truth.pass(950);
    const [first] = log.asked;
    expect(follower.mayAnswerFromMemory()).toBe(true);
    log.fate = () => lost;
    await truth.pass((first?.at ?? NaN) + LEASE - truth.now - 1);
    expect(follower.mayAnswerFromMemory()).toBe(true);
    await truth.pass(1);
    expect([follower.mayAnswerFromMemory(), follower.leaseLeft()]).toEqual([false, 0]);
  });

  test('does not answer once its lease has run out, and does again with what it remembered at the next renewal', async () => {
    const { truth, log, told, follower } = start();
    await truth.pass(400);
    log.fate = () => lost;
    await truth.pass(LEASE + LEASE_TERMS.renewal);
    expect([follower.mayAnswerFromMemory(), follower.leaseLeft()]).toEqual([false, 0]);
    log.fate = () => ({ there: 1, back: 1 });
    await truth.pass(LEASE_TERMS.exchange + LEASE_TERMS.retry + 10);
    expect(follower.mayAnswerFromMemory()).toBe(true);
    expect(told.lives).toHaveLength(1);
  });

  test('renews in time under hints without a pause, in pages of one change, and on a log that takes 0.9 s', async () => {
    const { truth, log, follower } = start();
    let ticking = true;
    const tick = () => {
      if (ticking) truth.in(1, tick);
      log.hintPublished();
    };
    tick();
    await truth.pass(50);
    for (let passed = 0; passed < 6_000; passed += 50) {
      await truth.pass(50);
      expect(follower.mayAnswerFromMemory()).toBe(true);
    }
    ticking = false;
    const renewals = log.asked.filter(({ renew }) => renew).map(({ at }) => at);
    expect(Math.max(...renewals.slice(1).map((at, index) => at - (renewals[index] ?? 0)))).toBeLessThanOrEqual(510);
    log.pageSize = 1;
    for (let change = 0; change < 300; change += 1) log.commit(KEY);
    await truth.pass(1_000);
    expect([follower.stamp()?.position, follower.mayAnswerFromMemory()]).toEqual([300, true]);
    log.fate = () => ({ there: 450, back: 450 });
    await truth.pass(2_000);
    for (let passed = 0; passed < 6_000; passed += 50) {
      await truth.pass(50);
      expect(follower.mayAnswerFromMemory()).toBe(true);
    }
  });

  test('asks the log no more often than there is news, hints or a renewal', async () => {
    const { truth, log } = start();
    await truth.pass(10_000);
    expect(log.asked.length).toBeLessThanOrEqual(21);
  });

  test('asks a log that refuses at once some ten times a second, hints or not', async () => {
    const { truth, log, troubles } = start();
    await truth.pass(100);
    log.fate = () => ({ there: null, back: null });
    const refuse = () => Promise.reject(new Error('refused'));
    log.exchange = refuse;
    log.commit(KEY);
    await truth.pass(5_000);
    expect(troubles.length).toBeLessThanOrEqual(51);
    expect(troubles.length).toBeGreaterThanOrEqual(5);
  });

  test('confirms a change in the exchange after the one that brought it', async () => {
    const { truth, log } = start();
    await truth.pass(100);
    const before = log.asked.length;
    log.commit(KEY);
    await truth.pass(5.5);
    expect(log.asked.slice(before).map(({ progress }) => progress.position)).toEqual([0, 1]);
    expect([...log.known.values()][0]?.position).toBe(1);
  });

  test('states what its guards have confirmed in the first exchange after that', async () => {
    const { truth, log, guards } = start();
    guards.numbers = [1];
    log.commit(KEY);
    await truth.pass(100);
    expect([...log.known.values()][0]).toMatchObject({ position: 1, exceptions: [1] });
    guards.confirm();
    await truth.pass(1.5);
    expect([...log.known.values()][0]).toMatchObject({ position: 1, exceptions: [] });
  });

  test('states how many guards may go on without a verdict as soon as that changes', async () => {
    const { truth, log, guards } = start();
    await truth.pass(100);
    for (const count of [1, 0]) {
      guards.keepStale(count);
      await truth.pass(1.5);
      expect([...log.known.values()][0]?.staleGuards).toBe(count);
    }
  });

  test('waits a moment for its guards, and states in one exchange what it and they have confirmed', async () => {
    const { truth, log, guards } = start();
    await truth.pass(100);
    const before = log.asked.length;
    guards.numbers = [1];
    log.commit(KEY);
    await truth.pass(4.5);
    guards.confirm();
    await truth.pass(1.5);
    expect(log.asked.slice(before).map(({ progress }) => progress.position)).toEqual([0, 1]);
    expect(log.asked.at(-1)?.progress).toEqual({ position: 1, exceptions: [], staleGuards: 0 });
  });

  test('takes a change that the log has not told at once, and keeps nothing that was read before', async () => {
    const { truth, log, told, follower } = start();
    await truth.pass(100);
    const before = follower.stamp();
    follower.heed({ number: 9, scope: KEY, handles: ['h'] });
    const after = follower.stamp();
    if (before === null || after === null) throw new Error('it has no place in the log');
    for (const subject of [{ accountId: 'acc', keyId: 'key' }, { handles: ['h'] }]) {
      expect([before, after].map((stamp) => follower.isUnchangedSince(stamp, subject))).toEqual([false, true]);
    }
    expect(follower.isUnchangedSince(before, { accountId: 'acc', keyId: 'another' })).toBe(true);
    expect([told.inquired, log.asked.at(-1)?.progress.position]).toEqual([[9], 0]);
    log.commit(KEY);
    await truth.pass(10);
    expect([told.lives, [...log.known.values()][0]?.position]).toEqual([[[1]], 1]);
    expect(follower.isUnchangedSince(after, { accountId: 'acc', keyId: 'key' })).toBe(false);
  });

  test.each([
    ['is not known any more', (log: ScriptedLog) => log.known.clear()],
    ['has another epoch', (log: ScriptedLog) => log.beginEpoch('e2')],
    [
      'has dropped changes that it did not see',
      (log: ScriptedLog) => {
        log.fate = () => lost;
        for (let change = 0; change < 3; change += 1) log.commit(KEY);
        log.trim(2);
        log.fate = () => ({ there: 1, back: 1 });
      },
    ],
  ])('that is lost, since the log %s, forgets everything and joins anew under another name', async (_, lose) => {
    const { truth, log, told, follower } = start();
    await truth.pass(100);
    lose(log);
    await truth.pass(1_000);
    expect(told.lives.length).toBeGreaterThan(1);
    expect([...log.known.keys()]).toContain('m2');
    expect([follower.stamp(), log.epochs.get('m2')]).toEqual([{ epoch: 'm2', position: log.head }, log.epoch]);
    expect(follower.mayAnswerFromMemory()).toBe(true);
  });

  test('that is lost joins only once nobody answers on its word any more', async () => {
    const { truth, log, guards, follower } = start();
    await truth.pass(100);
    guards.silent = false;
    log.known.clear();
    await truth.pass(5_000);
    expect([follower.stamp(), follower.mayAnswerFromMemory(), log.known.size]).toEqual([null, false, 0]);
    guards.silent = true;
    await truth.pass(LEASE_TERMS.retry + 10);
    expect(follower.mayAnswerFromMemory()).toBe(true);
  });

  test('does not answer under a lease from before its machine slept', async () => {
    const { truth, time, follower } = start();
    await truth.pass(100);
    time.wallOffset += LEASE;
    expect(follower.mayAnswerFromMemory()).toBe(false);
    await truth.pass(LEASE_TERMS.renewal);
    expect(follower.mayAnswerFromMemory()).toBe(true);
  });

  test('that stops holds no lease, remembers nothing and is known to the log no more', async () => {
    const { truth, log, told, follower } = start();
    await truth.pass(100);
    const stopped = follower.stop();
    await truth.pass(10);
    await stopped;
    expect([follower.stamp(), follower.mayAnswerFromMemory(), log.known.size, told.lives.length]).toEqual([null, false, 0, 2]);
  });

  test('that stops while it joins leaves nobody behind whom changes would wait for', async () => {
    const { truth, log, follower } = start({ delay: 50 });
    await truth.pass(60);
    expect(log.known.size).toBe(1);
    const stopped = follower.stop();
    await truth.pass(500);
    await stopped;
    expect([follower.stamp(), log.known.size]).toEqual([null, 0]);
  });

  test.each([
    ['its joining had no answer', 5],
    ['it was lost', 100],
  ])('that stops after %s leaves nobody behind whom changes would wait for', async (_, lostAfter) => {
    const { truth, log, guards, follower } = start({ delay: 10 });
    await truth.pass(lostAfter);
    log.fate = () => ({ there: null, back: null });
    await truth.pass(100);
    guards.silent = false;
    log.epoch = 'e2';
    log.fate = () => ({ there: 10, back: 10 });
    await truth.pass(25_000);
    guards.silent = true;
    expect(log.known.size).toBe(1);
    const stopped = follower.stop();
    await truth.pass(2_000);
    await stopped;
    expect([follower.stamp(), log.known.size]).toEqual([null, 0]);
  });

  test('that stops while guards may answer on its word stays known to the log', async () => {
    const { truth, log, guards, follower } = start();
    await truth.pass(100);
    guards.silent = false;
    const stopped = follower.stop();
    await truth.pass(10);
    await stopped;
    expect([follower.mayAnswerFromMemory(), log.known.size]).toEqual([false, 1]);
  });
});

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
