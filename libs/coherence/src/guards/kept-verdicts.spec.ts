import { beforeEach, describe, expect, test } from '@jest/globals';
import { change, KEY, SessionStage, STAMP } from './session-stage.fixture.js';

let stage: SessionStage;
beforeEach(() => {
  stage = new SessionStage();
});

describe('nothing may be kept', () => {
  test('of what changed since it was read, without a session, or of another account', () => {
    const { session } = stage.open();
    expect(stage.sessions.grant('s9', KEY, STAMP)).toBe(0);
    expect(stage.sessions.grant(session.id, KEY, null)).toBe(0);
    expect(stage.sessions.grant(session.id, { ...KEY, accountId: 'another' }, STAMP)).toBe(0);
    stage.isUnchanged = false;
    expect(stage.sessions.grant(session.id, KEY, STAMP)).toBe(0);
  });

  test('for more than a minute: what was kept before is not counted any more, by clocks a tenth apart', async () => {
    const { session, told } = stage.openHolder();
    for (let passed = 0; passed < 65_000; passed += 5_000) {
      await stage.truth.pass(5_000);
      session.renew(2);
    }
    await stage.truth.pass(999);
    session.renew(2);
    expect(stage.sessions.heldKeys).toBe(1);
    await stage.truth.pass(1);
    session.renew(3);
    expect(stage.sessions.heldKeys).toBe(0);
    stage.memory.forget(change(1), 'log');
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['renewed']));
  });
});

describe('a guard that goes on while it reaches no verifier', () => {
  test('is counted, and others are not; changes of that are told of, of many at once a moment later', async () => {
    stage.open();
    await stage.truth.pass(1_000);
    expect([stage.sessions.staleGuards(), stage.confirmations]).toEqual([0, 0]);
    const first = stage.open(60_000);
    const second = stage.open(60_000);
    await stage.truth.pass(251);
    expect([stage.sessions.staleGuards(), stage.confirmations]).toEqual([2, 1]);
    first.session.leave();
    expect(stage.sessions.staleGuards()).toBe(1);
    stage.sessions.close('bye');
    second.session.acknowledge(1);
    expect(stage.sessions.staleGuards()).toBe(0);
  });

  test('is counted until its window is over, by clocks a tenth apart, if it is cut off; nothing else waits for it', async () => {
    const { session } = stage.openHolder(60_000);
    session.break();
    await stage.truth.pass(2_101);
    expect([stage.sessions.size, stage.sessions.isSilent(), stage.sessions.staleGuards()]).toEqual([0, true, 1]);
    await stage.truth.pass(65_990);
    expect(stage.sessions.staleGuards()).toBe(1);
    const told = stage.confirmations;
    await stage.truth.pass(271);
    expect([stage.sessions.staleGuards(), stage.confirmations]).toEqual([0, told + 1]);
  });

  test('is counted no longer than its session if it never had a lease, and for a day at most', async () => {
    stage.open(60_000).session.break();
    expect(stage.sessions.staleGuards()).toBe(0);
    stage.openHolder(1e12).session.break();
    await stage.truth.pass(86_400_000 * 1.2);
    expect(stage.sessions.staleGuards()).toBe(0);
  });
});
