import { describe, expect, test } from '@jest/globals';
import { LEASE_TERMS } from '../terms.js';
import { KEY, lost, start } from './followed-log.fixture.js';

const LEASE = LEASE_TERMS.lease - LEASE_TERMS.margin;

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
});
