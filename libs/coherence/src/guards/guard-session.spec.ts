import { beforeEach, describe, expect, test } from '@jest/globals';
import { UnavailableError } from '#libs/key-domain';
import { change, SessionStage, STAMP } from './session-stage.fixture.js';

let stage: SessionStage;
beforeEach(() => {
  stage = new SessionStage();
});

describe('a renewal', () => {
  test('is answered with what is left of the lease, and the clock of the store', () => {
    const { session, told } = stage.open();
    stage.lease = 700;
    session.renew(4);
    expect(told).toEqual([
      { kind: 'opened', sessionId: 's1', accountId: 'acc' },
      { kind: 'renewed', renewal: 4, leaseMs: 700, storeMs: 5_000 },
    ]);
  });

  test('waits while there is no lease, and is answered as soon as there is one', async () => {
    const { session, told } = stage.open();
    stage.lease = 0;
    session.renew(1);
    await stage.truth.pass(3_000);
    session.renew(2);
    expect(told).toHaveLength(1);
    stage.lease = 1_900;
    await stage.truth.pass(20);
    expect(told.slice(1)).toMatchObject([{ kind: 'renewed', renewal: 2 }]);
  });

  test('waits while the guard has owed an acknowledgement for more than 50 ms, and no longer', async () => {
    const { session, told } = stage.openHolder();
    stage.memory.forget(change(1), 'log');
    await stage.truth.pass(50);
    session.renew(2);
    expect(told).toMatchObject([{ kind: 'change' }, { kind: 'renewed', renewal: 2 }]);
    await stage.truth.pass(1);
    session.renew(3);
    expect(told).toHaveLength(2);
    session.acknowledge(1);
    expect(told.at(-1)).toMatchObject({ kind: 'renewed', renewal: 3 });
  });
});

describe('no session is opened', () => {
  test.each([
    ['without a lease', () => (stage.lease = 0)],
    ['when the service key was changed since it was judged', () => (stage.isUnchanged = false)],
    [
      'when there are too many',
      () => {
        for (let count = 0; count < 3; count += 1) stage.open();
      },
    ],
    [
      'by a verifier that shuts down',
      () => {
        stage.sessions.close('bye');
      },
    ],
  ])('%s', (_, so) => {
    so();
    expect(() => stage.open()).toThrow(UnavailableError);
  });
});

describe('a session ends', () => {
  test('with the place of its verifier in the log: nobody is silent before the end is acknowledged, or the lease is over', async () => {
    const [first, second] = [stage.openHolder(), stage.openHolder()];
    stage.memory.forget(change(7), 'log');
    stage.memory.forgetEverything();
    expect([stage.sessions.unconfirmed('log'), stage.sessions.isSilent()]).toEqual([[], false]);
    expect(first.told.at(-1)).toMatchObject({ kind: 'ended', sequence: 2 });
    first.session.acknowledge(2);
    expect(stage.sessions.isSilent()).toBe(false);
    await stage.truth.pass(2_101);
    expect([stage.sessions.isSilent(), second.isClosed()]).toEqual([true, true]);
  });

  test('when the stream is not read: nothing is held for it without bound', () => {
    const unread = stage.openHolder();
    stage.backlog = 10;
    unread.session.renew(2);
    expect(unread.told.map(({ kind }) => kind)).toEqual(['ended']);
  });

  test('when its guard has asked for no renewal for ten seconds, or has not acknowledged for so long', async () => {
    const [vanished, silent] = [stage.open(), stage.openHolder()];
    stage.memory.forget(change(1), 'log');
    for (let second = 0; second < 10; second += 1) {
      await stage.truth.pass(1_000);
      silent.session.renew(2);
    }
    expect([vanished.session.isLive, silent.session.isLive]).toEqual([true, true]);
    await stage.truth.pass(1_000);
    expect([vanished.session.isLive, silent.session.isLive]).toEqual([false, false]);
    expect([vanished.isClosed(), silent.isClosed()]).toEqual([true, true]);
  });

  test('for no silence while its guard waits for the lease of the verifier, or for the judgement of its service key', async () => {
    const [waiting, judged] = [stage.open(), stage.open()];
    stage.lease = 0;
    waiting.session.renew(1);
    for (let second = 0; second < 60; second += 1) {
      await stage.truth.pass(1_000);
      judged.session.asks();
    }
    expect([waiting.session.isLive, judged.session.isLive]).toEqual([true, true]);
    stage.lease = 1_900;
    await stage.truth.pass(20);
    expect(waiting.told.at(-1)).toMatchObject({ kind: 'renewed', renewal: 1 });
  });

  test('and tells nobody who does not wait for it: opening and leaving again and again hastens nothing', () => {
    for (let times = 0; times < 5; times += 1) stage.open().session.leave();
    expect(stage.confirmations).toBe(0);
    const last = stage.open();
    stage.memory.forgetEverything();
    last.session.acknowledge(1);
    expect(stage.confirmations).toBe(1);
  });
});

describe('sessions are bounded', () => {
  const openFor = (accountId: string, keyId: string) => {
    const channel = { send: () => undefined, backlog: () => 0, close: () => undefined };
    return stage.sessions.open({ accountId, keyId }, STAMP, channel);
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
