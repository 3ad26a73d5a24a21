import { beforeEach, describe, expect, test } from '@jest/globals';
import { type ChangeScope, type FollowingMemory, UnavailableError } from '#libs/key-domain';
import { ProcessTime, VirtualTime } from '../log/virtual-time.fixture.js';
import type { GuardMessage } from './guard-channel.js';
import type { GuardSession } from './guard-session.js';
import { GuardSessions } from './guard-sessions.js';

const SERVICE = { accountId: 'acc', keyId: 'service' };
const STAMP = { epoch: 'e', position: 0 };
const KEY = { accountId: 'acc', keyId: 'key' };
const change = (number: number, scope: ChangeScope = { kind: 'key', ...KEY }) => ({ number, scope, handles: [] });

let truth: VirtualTime;
let lease: number;
let isUnchanged: boolean;
let memory: FollowingMemory;
let sessions: GuardSessions;
let confirmations: number;
let backlog: number;

beforeEach(() => {
  truth = new VirtualTime();
  [lease, isUnchanged, confirmations, backlog] = [1_900, true, 0, 0];
  let ids = 0;
  sessions = new GuardSessions({
    time: new ProcessTime(truth),
    newSessionId: () => `s${(ids += 1)}`,
    bounds: { sessions: 6, sessionsOfAccount: 4, sessionsOfServiceKey: 3, unacknowledged: 3, backlog: 10 },
  });
  sessions.attend({
    isUnchangedSince: () => isUnchanged,
    mayAnswerFromMemory: () => lease > 0,
    leaseLeft: () => lease,
    storeTime: () => 5_000 + truth.now,
    follow: (one) => void (memory = one),
  });
  sessions.onConfirmed(() => (confirmations += 1));
});

function open(staleMs = 0): { readonly session: GuardSession; readonly told: GuardMessage[]; isClosed: () => boolean } {
  const told: GuardMessage[] = [];
  let closed = false;
  const channel = {
    send: (message: GuardMessage) => void told.push(message),
    backlog: () => backlog,
    close: () => void (closed = true),
  };
  const session = sessions.open(SERVICE, STAMP, channel, staleMs);
  return { session, told, isClosed: () => closed };
}

/** A guard that has a lease and keeps an answer about the key. */
function openHolder(staleMs = 0) {
  const opened = open(staleMs);
  opened.session.renew(1);
  expect(sessions.grant(opened.session.id, KEY, STAMP)).toBe(60_000);
  opened.told.splice(0);
  return opened;
}

describe('a renewal', () => {
  test('is answered with what is left of the lease, and the clock of the store', () => {
    const { session, told } = open();
    lease = 700;
    session.renew(4);
    expect(told).toEqual([
      { kind: 'opened', sessionId: 's1', accountId: 'acc' },
      { kind: 'renewed', renewal: 4, leaseMs: 700, storeMs: 5_000 },
    ]);
  });

  test('waits while there is no lease, and is answered as soon as there is one', async () => {
    const { session, told } = open();
    lease = 0;
    session.renew(1);
    await truth.pass(3_000);
    session.renew(2);
    expect(told).toHaveLength(1);
    lease = 1_900;
    await truth.pass(20);
    expect(told.slice(1)).toMatchObject([{ kind: 'renewed', renewal: 2 }]);
  });

  test('waits while the guard has owed an acknowledgement for more than 50 ms, and no longer', async () => {
    const { session, told } = openHolder();
    memory.forget(change(1), 'log');
    await truth.pass(50);
    session.renew(2);
    expect(told).toMatchObject([{ kind: 'change' }, { kind: 'renewed', renewal: 2 }]);
    await truth.pass(1);
    session.renew(3);
    expect(told).toHaveLength(2);
    session.acknowledge(1);
    expect(told.at(-1)).toMatchObject({ kind: 'renewed', renewal: 3 });
  });
});

describe('a change', () => {
  test('is unconfirmed until the holders have acknowledged it, each telling numbered from 1', () => {
    const [first, second, other] = [openHolder(), openHolder(), open()];
    memory.forget(change(7), 'log');
    expect(first.told).toEqual([{ kind: 'change', sequence: 1, scope: { kind: 'key', ...KEY } }]);
    expect(other.told.map(({ kind }) => kind)).toEqual(['opened']);
    first.session.acknowledge(1);
    expect([sessions.unconfirmed('log'), confirmations]).toEqual([[7], 0]);
    second.session.acknowledge(1);
    expect([sessions.unconfirmed('log'), confirmations]).toEqual([[], 1]);
    memory.forget(change(8), 'log');
    expect([first.told.length, sessions.unconfirmed('log')]).toEqual([1, []]);
  });

  test('is confirmed when the lease that a silent guard had when it was told has run out with its margin, whatever it was given since', async () => {
    const { session } = openHolder();
    memory.forget(change(7), 'log');
    await truth.pass(40);
    session.renew(2);
    await truth.pass(2_059);
    expect(sessions.unconfirmed('log')).toEqual([7]);
    await truth.pass(2);
    expect([sessions.unconfirmed('log'), confirmations]).toEqual([[], 1]);
  });

  test('waits for a guard whose stream broke, which counts until its lease has run out', async () => {
    const { session, isClosed } = openHolder();
    session.break();
    memory.forget(change(7), 'log');
    await truth.pass(2_099);
    expect([sessions.unconfirmed('log'), sessions.size, isClosed()]).toEqual([[7], 1, false]);
    await truth.pass(2);
    expect([sessions.unconfirmed('log'), sessions.size, isClosed()]).toEqual([[], 0, true]);
  });

  test('of the account, or of everything, is told to guards that hold nothing, and waits for none without a lease', () => {
    const { session, told } = open();
    memory.forget(change(7, { kind: 'account', accountId: 'acc' }), 'log');
    memory.forget(change(8, { kind: 'account', accountId: 'another' }), 'log');
    session.acknowledge(1);
    memory.forget(change(9, { kind: 'all' }), 'log');
    expect(told.slice(1)).toMatchObject([{ scope: { kind: 'account' } }, { scope: { kind: 'all' } }]);
    expect(sessions.unconfirmed('log')).toEqual([]);
    session.renew(1);
    memory.forget(change(10, { kind: 'all' }), 'log');
    expect(sessions.unconfirmed('log')).toEqual([10]);
  });

  test('of its service key ends a session, and is confirmed by the acknowledgement of the end', () => {
    const { session, told, isClosed } = openHolder();
    memory.forget(change(7, { kind: 'key', ...SERVICE }), 'log');
    expect(told).toMatchObject([{ kind: 'ended', sequence: 1 }]);
    expect(sessions.grant(session.id, KEY, STAMP)).toBe(0);
    expect([sessions.unconfirmed('log'), isClosed()]).toEqual([[7], false]);
    session.acknowledge(1);
    expect([sessions.unconfirmed('log'), isClosed(), sessions.isSilent()]).toEqual([[], true, true]);
  });

  test('that was never told can not be acknowledged', () => {
    expect(open().session.acknowledge(1)).toBe(false);
  });
});

describe('a guard that goes on while it reaches no verifier', () => {
  test('is counted, and others are not; changes of that are told of, of many at once a moment later', async () => {
    open();
    await truth.pass(1_000);
    expect([sessions.staleGuards(), confirmations]).toEqual([0, 0]);
    const first = open(60_000);
    const second = open(60_000);
    await truth.pass(251);
    expect([sessions.staleGuards(), confirmations]).toEqual([2, 1]);
    first.session.leave();
    expect(sessions.staleGuards()).toBe(1);
    sessions.close('bye');
    second.session.acknowledge(1);
    expect(sessions.staleGuards()).toBe(0);
  });

  test('is counted until its window is over, by clocks a tenth apart, if it is cut off; nothing else waits for it', async () => {
    const { session } = openHolder(60_000);
    session.break();
    await truth.pass(2_101);
    expect([sessions.size, sessions.isSilent(), sessions.staleGuards()]).toEqual([0, true, 1]);
    await truth.pass(65_990);
    expect(sessions.staleGuards()).toBe(1);
    const told = confirmations;
    await truth.pass(271);
    expect([sessions.staleGuards(), confirmations]).toEqual([0, told + 1]);
  });

  test('is counted no longer than its session if it never had a lease, and for a day at most', async () => {
    open(60_000).session.break();
    expect(sessions.staleGuards()).toBe(0);
    openHolder(1e12).session.break();
    await truth.pass(86_400_000 * 1.2);
    expect(sessions.staleGuards()).toBe(0);
  });
});

describe('nothing may be kept', () => {
  test('of what changed since it was read, without a session, or of another account', () => {
    const { session } = open();
    expect(sessions.grant('s9', KEY, STAMP)).toBe(0);
    expect(sessions.grant(session.id, KEY, null)).toBe(0);
    expect(sessions.grant(session.id, { ...KEY, accountId: 'another' }, STAMP)).toBe(0);
    isUnchanged = false;
    expect(sessions.grant(session.id, KEY, STAMP)).toBe(0);
  });

  test('for more than a minute: what was kept before is not counted any more, by clocks a tenth apart', async () => {
    const { session, told } = openHolder();
    for (let passed = 0; passed < 65_000; passed += 5_000) {
      await truth.pass(5_000);
      session.renew(2);
    }
    await truth.pass(999);
    session.renew(2);
    expect(sessions.heldKeys).toBe(1);
    await truth.pass(1);
    session.renew(3);
    expect(sessions.heldKeys).toBe(0);
    memory.forget(change(1), 'log');
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['renewed']));
  });
});

describe('no session is opened', () => {
  test.each([
    ['without a lease', () => (lease = 0)],
    ['when the service key was changed since it was judged', () => (isUnchanged = false)],
    [
      'when there are too many',
      () => {
        for (let count = 0; count < 3; count += 1) open();
      },
    ],
    [
      'by a verifier that shuts down',
      () => {
        sessions.close('bye');
      },
    ],
  ])('%s', (_, so) => {
    so();
    expect(open).toThrow(UnavailableError);
  });
});

describe('a session ends', () => {
  test('with the place of its verifier in the log: nobody is silent before the end is acknowledged, or the lease is over', async () => {
    const [first, second] = [openHolder(), openHolder()];
    memory.forget(change(7), 'log');
    memory.forgetEverything();
    expect([sessions.unconfirmed('log'), sessions.isSilent()]).toEqual([[], false]);
    expect(first.told.at(-1)).toMatchObject({ kind: 'ended', sequence: 2 });
    first.session.acknowledge(2);
    expect(sessions.isSilent()).toBe(false);
    await truth.pass(2_101);
    expect([sessions.isSilent(), second.isClosed()]).toEqual([true, true]);
  });

  test('when the stream is not read: nothing is held for it without bound', () => {
    const unread = openHolder();
    backlog = 10;
    unread.session.renew(2);
    expect(unread.told.map(({ kind }) => kind)).toEqual(['ended']);
  });

  test('when its guard has asked for no renewal for ten seconds, or has not acknowledged for so long', async () => {
    const [vanished, silent] = [open(), openHolder()];
    memory.forget(change(1), 'log');
    for (let second = 0; second < 10; second += 1) {
      await truth.pass(1_000);
      silent.session.renew(2);
    }
    expect([vanished.session.isLive, silent.session.isLive]).toEqual([true, true]);
    await truth.pass(1_000);
    expect([vanished.session.isLive, silent.session.isLive]).toEqual([false, false]);
    expect([vanished.isClosed(), silent.isClosed()]).toEqual([true, true]);
  });

  test('for no silence while its guard waits for the lease of the verifier, or for the judgement of its service key', async () => {
    const [waiting, judged] = [open(), open()];
    lease = 0;
    waiting.session.renew(1);
    for (let second = 0; second < 60; second += 1) {
      await truth.pass(1_000);
      judged.session.asks();
    }
    expect([waiting.session.isLive, judged.session.isLive]).toEqual([true, true]);
    lease = 1_900;
    await truth.pass(20);
    expect(waiting.told.at(-1)).toMatchObject({ kind: 'renewed', renewal: 1 });
  });

  test('and tells nobody who does not wait for it: opening and leaving again and again hastens nothing', () => {
    for (let times = 0; times < 5; times += 1) open().session.leave();
    expect(confirmations).toBe(0);
    const last = open();
    memory.forgetEverything();
    last.session.acknowledge(1);
    expect(confirmations).toBe(1);
  });
});

describe('a guard that acknowledges nothing', () => {
  const all = { kind: 'all' } as const;

  test('is told no more once it is to forget everything, and everything is owed until it has', () => {
    const { session, told } = openHolder();
    memory.forget(change(1, all), 'log');
    for (let number = 2; number <= 100; number += 1) memory.forget(change(number), 'log');
    memory.forget(change(101, { kind: 'account', accountId: 'acc' }), 'log');
    expect(told).toEqual([{ kind: 'change', sequence: 1, scope: all }]);
    expect(sessions.unconfirmed('log')).toHaveLength(101);
    session.acknowledge(1);
    expect(sessions.unconfirmed('log')).toEqual([]);
    memory.forget(change(102, all), 'log');
    expect(told.at(-1)).toMatchObject({ kind: 'change', sequence: 2 });
  });

  test('is to forget everything instead of so many keys', () => {
    const { session, told } = openHolder();
    for (const keyId of ['k1', 'k2', 'k3', 'k4']) sessions.grant(session.id, { ...KEY, keyId }, STAMP);
    ['k1', 'k2', 'k3', 'k4'].forEach((keyId, index) => {
      memory.forget(change(index + 1, { kind: 'key', ...KEY, keyId }), 'log');
    });
    expect(told.map((one) => (one.kind === 'change' ? one.scope.kind : one.kind))).toEqual(['key', 'key', 'account']);
    session.acknowledge(2);
    expect(sessions.unconfirmed('log')).toEqual([3, 4]);
    session.acknowledge(3);
    expect([sessions.unconfirmed('log'), sessions.heldKeys]).toEqual([[], 0]);
  });

  test('is granted nothing before it has forgotten everything: it would not be told when that changes', () => {
    const { session } = openHolder();
    memory.forget(change(1, all), 'log');
    expect(sessions.grant(session.id, KEY, STAMP)).toBe(0);
    session.acknowledge(1);
    expect(sessions.grant(session.id, KEY, STAMP)).toBe(60_000);
  });

  test('gets the rules once, after it has caught up, however often they changed', () => {
    const { session, told } = openHolder();
    const rules = { formats: [], holdsImported: false };
    session.tellRules(rules, STAMP);
    session.tellRules(rules, STAMP);
    for (let number = 1; number <= 10; number += 1) {
      memory.forget(change(number, { kind: 'account', accountId: 'acc' }), 'log');
      expect(session.wantsRules).toBe(false);
      session.tellRules(rules, STAMP);
    }
    expect(told.map(({ kind }) => kind)).toEqual(['rules', 'change']);
    session.acknowledge(1);
    expect(session.wantsRules).toBe(true);
    isUnchanged = false;
    session.tellRules(rules, STAMP);
    isUnchanged = true;
    session.tellRules(rules, STAMP);
    expect(told.map(({ kind }) => kind)).toEqual(['rules', 'change', 'rules']);
  });
});

describe('sessions are bounded', () => {
  const openFor = (accountId: string, keyId: string) => {
    const channel = { send: () => undefined, backlog: () => 0, close: () => undefined };
    return sessions.open({ accountId, keyId }, STAMP, channel);
  };

  test('so that neither a service key nor an account takes the room of others', () => {
    const [first] = [openFor('acc', 'k1'), openFor('acc', 'k1'), openFor('acc', 'k1')];
    const refusal = (accountId: string, keyId: string) => {
      try {
        openFor(accountId, keyId).leave();
        return null;
      } catch (error) {
        return error instanceof UnavailableError ? error.publicMessage : error;
      }
    };
    expect(refusal('acc', 'k1')).toMatch(/too many sessions of the service key/);
    const more = openFor('acc', 'k2');
    expect(refusal('acc', 'k3')).toMatch(/too many sessions of the account/);
    expect(refusal('other', 'k4')).toBeNull();
    more.leave();
    first.leave();
    expect(refusal('acc', 'k1')).toBeNull();
  });
});
