import { beforeEach, describe, expect, test } from '@jest/globals';
import { change, KEY, SERVICE, SessionStage, STAMP } from './session-stage.fixture.js';

let stage: SessionStage;
beforeEach(() => {
  stage = new SessionStage();
});

describe('a change', () => {
  test('is unconfirmed until the holders have acknowledged it, each telling numbered from 1', () => {
    const [first, second, other] = [stage.openHolder(), stage.openHolder(), stage.open()];
    stage.memory.forget(change(7), 'log');
    expect(first.told).toEqual([{ kind: 'change', sequence: 1, scope: { kind: 'key', ...KEY } }]);
    expect(other.told.map(({ kind }) => kind)).toEqual(['opened']);
    first.session.acknowledge(1);
    expect([stage.sessions.unconfirmed('log'), stage.confirmations]).toEqual([[7], 0]);
    second.session.acknowledge(1);
    expect([stage.sessions.unconfirmed('log'), stage.confirmations]).toEqual([[], 1]);
    stage.memory.forget(change(8), 'log');
    expect([first.told.length, stage.sessions.unconfirmed('log')]).toEqual([1, []]);
  });

  test('is confirmed when the lease that a silent guard had when it was told has run out with its margin, whatever it was given since', async () => {
    const { session } = stage.openHolder();
    stage.memory.forget(change(7), 'log');
    await stage.truth.pass(40);
    session.renew(2);
    await stage.truth.pass(2_059);
    expect(stage.sessions.unconfirmed('log')).toEqual([7]);
    await stage.truth.pass(2);
    expect([stage.sessions.unconfirmed('log'), stage.confirmations]).toEqual([[], 1]);
  });

  test('waits for a guard whose stream broke, which counts until its lease has run out', async () => {
    const { session, isClosed } = stage.openHolder();
    session.break();
    stage.memory.forget(change(7), 'log');
    await stage.truth.pass(2_099);
    expect([stage.sessions.unconfirmed('log'), stage.sessions.size, isClosed()]).toEqual([[7], 1, false]);
    await stage.truth.pass(2);
    expect([stage.sessions.unconfirmed('log'), stage.sessions.size, isClosed()]).toEqual([[], 0, true]);
  });

  test('of the account, or of everything, is told to guards that hold nothing, and waits for none without a lease', () => {
    const { session, told } = stage.open();
    stage.memory.forget(change(7, { kind: 'account', accountId: 'acc' }), 'log');
    stage.memory.forget(change(8, { kind: 'account', accountId: 'another' }), 'log');
    session.acknowledge(1);
    stage.memory.forget(change(9, { kind: 'all' }), 'log');
    expect(told.slice(1)).toMatchObject([{ scope: { kind: 'account' } }, { scope: { kind: 'all' } }]);
    expect(stage.sessions.unconfirmed('log')).toEqual([]);
    session.renew(1);
    stage.memory.forget(change(10, { kind: 'all' }), 'log');
    expect(stage.sessions.unconfirmed('log')).toEqual([10]);
  });

  test('of its service key ends a session, and is confirmed by the acknowledgement of the end', () => {
    const { session, told, isClosed } = stage.openHolder();
    stage.memory.forget(change(7, { kind: 'key', ...SERVICE }), 'log');
    expect(told).toMatchObject([{ kind: 'ended', sequence: 1 }]);
    expect(stage.sessions.grant(session.id, KEY, STAMP)).toBe(0);
    expect([stage.sessions.unconfirmed('log'), isClosed()]).toEqual([[7], false]);
    session.acknowledge(1);
    expect([stage.sessions.unconfirmed('log'), isClosed(), stage.sessions.isSilent()]).toEqual([[], true, true]);
  });

  test('that was never told can not be acknowledged', () => {
    expect(stage.open().session.acknowledge(1)).toBe(false);
  });
});

describe('a guard that acknowledges nothing', () => {
  const all = { kind: 'all' } as const;

  test('is told no more once it is to forget everything, and everything is owed until it has', () => {
    const { session, told } = stage.openHolder();
    stage.memory.forget(change(1, all), 'log');
    for (let number = 2; number <= 100; number += 1) stage.memory.forget(change(number), 'log');
    stage.memory.forget(change(101, { kind: 'account', accountId: 'acc' }), 'log');
    expect(told).toEqual([{ kind: 'change', sequence: 1, scope: all }]);
    expect(stage.sessions.unconfirmed('log')).toHaveLength(101);
    session.acknowledge(1);
    expect(stage.sessions.unconfirmed('log')).toEqual([]);
    stage.memory.forget(change(102, all), 'log');
    expect(told.at(-1)).toMatchObject({ kind: 'change', sequence: 2 });
  });

  test('is to forget everything instead of so many keys', () => {
    const { session, told } = stage.openHolder();
    for (const keyId of ['k1', 'k2', 'k3', 'k4']) stage.sessions.grant(session.id, { ...KEY, keyId }, STAMP);
    ['k1', 'k2', 'k3', 'k4'].forEach((keyId, index) => {
      stage.memory.forget(change(index + 1, { kind: 'key', ...KEY, keyId }), 'log');
    });
    expect(told.map((one) => (one.kind === 'change' ? one.scope.kind : one.kind))).toEqual(['key', 'key', 'account']);
    session.acknowledge(2);
    expect(stage.sessions.unconfirmed('log')).toEqual([3, 4]);
    session.acknowledge(3);
    expect([stage.sessions.unconfirmed('log'), stage.sessions.heldKeys]).toEqual([[], 0]);
  });

  test('is granted nothing before it has forgotten everything: it would not be told when that changes', () => {
    const { session } = stage.openHolder();
    stage.memory.forget(change(1, all), 'log');
    expect(stage.sessions.grant(session.id, KEY, STAMP)).toBe(0);
    session.acknowledge(1);
    expect(stage.sessions.grant(session.id, KEY, STAMP)).toBe(60_000);
  });

  test('gets the rules once, after it has caught up, however often they changed', () => {
    const { session, told } = stage.openHolder();
    const rules = { formats: [], holdsImported: false };
    session.tellRules(rules, STAMP);
    session.tellRules(rules, STAMP);
    for (let number = 1; number <= 10; number += 1) {
      stage.memory.forget(change(number, { kind: 'account', accountId: 'acc' }), 'log');
      expect(session.wantsRules).toBe(false);
      session.tellRules(rules, STAMP);
    }
    expect(told.map(({ kind }) => kind)).toEqual(['rules', 'change']);
    session.acknowledge(1);
    expect(session.wantsRules).toBe(true);
    stage.isUnchanged = false;
    session.tellRules(rules, STAMP);
    stage.isUnchanged = true;
    session.tellRules(rules, STAMP);
    expect(told.map(({ kind }) => kind)).toEqual(['rules', 'change', 'rules']);
  });
});
