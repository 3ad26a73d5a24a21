import { describe, expect, test } from '@jest/globals';
import type { ScriptedLog } from '../log/scripted-log.fixture.js';
import { LEASE_TERMS } from '../terms.js';
import { KEY, lost, start } from './followed-log.fixture.js';

const LEASE = LEASE_TERMS.lease - LEASE_TERMS.margin;

describe('a follower', () => {
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
