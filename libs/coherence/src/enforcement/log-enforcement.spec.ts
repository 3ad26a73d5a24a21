import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ChangeScope, type Enforced, EnforcementUnconfirmedError } from '#libs/key-domain';
import { LogFollower } from '../follower/log-follower.js';
import { type MemberState } from '../log/change-log.js';
import { ScriptedLog } from '../log/scripted-log.fixture.js';
import { ProcessTime, randomFrom, VirtualTime } from '../log/virtual-time.fixture.js';
import { LEASE_TERMS } from '../terms.js';
import { LogEnforcement } from './log-enforcement.js';
import { LostMembers } from './lost-members.js';

const KEY: ChangeScope = { kind: 'key', accountId: 'acc', keyId: 'key' };
const WAIT = LEASE_TERMS.lease + LEASE_TERMS.margin;

function start({ rate = 1 }: { readonly rate?: number } = {}) {
  const truth = new VirtualTime();
  const time = new ProcessTime(truth, rate);
  const log = new ScriptedLog(truth);
  const troubles: unknown[] = [];
  const enforcement = new LogEnforcement(log, { time, onTrouble: (error) => troubles.push(error) });
  return { truth, time, log, troubles, enforcement };
}

function member(fields: Partial<MemberState> = {}): MemberState {
  return { id: 'm1', position: 0, exceptions: [], renewals: 1, staleGuards: 0, ...fields };
}

/** What came of it, and when; null: it waits still. */
interface Outcome {
  enforced: Enforced | null;
  error: unknown;
  at: number | null;
}

function watch(truth: VirtualTime, enforcing: Promise<Enforced>): Outcome {
  const outcome: Outcome = { enforced: null, error: null, at: null };
  enforcing.then(
    (enforced) => Object.assign(outcome, { enforced, at: truth.now }),
    (error: unknown) => Object.assign(outcome, { error, at: truth.now }),
  );
  return outcome;
}

describe('a change is in force', () => {
  test('at once where nobody remembers anything', async () => {
    const { truth, log, enforcement } = start();
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(3);
    expect(outcome).toMatchObject({ enforced: { verifiers: 0, by: 'acknowledgement' }, at: 2 });
  });

  test('as soon as every member has confirmed it, one after the other', async () => {
    const { truth, log, enforcement } = start();
    for (const id of ['m1', 'm2']) log.known.set(id, member({ id }));
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(30);
    log.known.set('m1', member({ position: 1 }));
    log.hintProgress();
    await truth.pass(100);
    expect(outcome.at).toBeNull();
    log.known.set('m2', member({ id: 'm2', position: 7 }));
    log.hintProgress();
    await truth.pass(4);
    expect(outcome.enforced).toEqual({ verifiers: 2, by: 'acknowledgement', ms: 133 });
  });

  test('not while a guard of a member may still answer without it', async () => {
    const { truth, log, enforcement } = start();
    log.known.set('m1', member({ position: 5, exceptions: [1, 3] }));
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(1_000);
    expect(outcome.at).toBeNull();
    log.known.set('m1', member({ position: 5, exceptions: [3] }));
    await truth.pass(60);
    expect(outcome.enforced?.by).toBe('acknowledgement');
  });

  test('and says how many guards of all members may go on without it, as they stand when it is in force', async () => {
    const { truth, log, enforcement } = start();
    log.known.set('m1', member({ staleGuards: 9 }));
    log.known.set('m2', member({ id: 'm2', position: 1, staleGuards: 1 }));
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(10);
    log.known.set('later', member({ id: 'later', position: 1, staleGuards: 5 }));
    log.known.set('m1', member({ position: 1, staleGuards: 2 }));
    await truth.pass(60);
    expect(outcome.enforced).toMatchObject({ by: 'acknowledgement', staleGuards: 3 });
  });

  test('without waiting for a hint that came before the answer to its publication', async () => {
    const { truth, log, enforcement } = start();
    log.known.set('m1', member());
    log.fate = () => ({ there: 1, back: 10 });
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(2);
    log.known.set('m1', member({ position: 1 }));
    log.hintProgress();
    await truth.pass(21);
    expect(outcome.enforced?.by).toBe('acknowledgement');
  });

  test('within 50 ms of the last confirmation where no hint comes', async () => {
    const { truth, log, enforcement } = start();
    log.hintDelay = () => null;
    log.known.set('m1', member());
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(500);
    log.known.set('m1', member({ position: 1 }));
    await truth.pass(53);
    expect(outcome.enforced?.by).toBe('acknowledgement');
  });

  test.each([
    ['says nothing', () => undefined],
    ['has vanished', (log: ScriptedLog) => log.known.clear()],
    ['confirms in another epoch', (log: ScriptedLog) => log.beginEpoch('e2')],
    [
      'can not be looked at',
      (log: ScriptedLog) => {
        log.fate = () => ({ there: null, back: null });
      },
    ],
    [
      'can be looked at only slowly',
      (log: ScriptedLog) => {
        log.fate = () => ({ there: 1, back: 990 });
      },
    ],
  ])('a lease and its margin after the answer to its publication, and no later, where a member %s', async (_, fail) => {
    const { truth, log, enforcement } = start();
    log.known.set('m1', member());
    log.fate = () => ({ there: 1, back: 200 });
    const enforcing = enforcement.enforce(log.commit(KEY));
    const outcome = watch(truth, enforcing);
    await truth.pass(2);
    fail(log);
    if (log.epoch === 'e2') log.known.set('m1', member({ position: 9 }));
    await truth.pass(199 + WAIT - 1);
    expect(outcome.at).toBeNull();
    await truth.pass(2 + LEASE_TERMS.margin); // for an attempt to forget the member
    expect(outcome.enforced).toMatchObject({ verifiers: 1, by: 'lease' });
  });

  test('for the next change at once: a member that kept silent for a lease is forgotten, one that renews is not', async () => {
    const { truth, log, enforcement } = start();
    for (const id of ['dead', 'slow']) log.known.set(id, member({ id }));
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(1_000);
    log.known.set('slow', member({ id: 'slow', renewals: 2 }));
    await truth.pass(WAIT);
    expect(outcome.enforced).toMatchObject({ verifiers: 2, by: 'lease' });
    expect([...log.known.keys()]).toEqual(['slow']);
  });
});

describe('a change that can not be published', () => {
  test('is published as soon as it can be, and its wait begins only then', async () => {
    const { truth, log, enforcement } = start();
    log.known.set('m1', member());
    log.fate = () => ({ there: null, back: null });
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(1_500);
    log.fate = () => ({ there: 1, back: 1 });
    await truth.pass(LEASE_TERMS.exchange + LEASE_TERMS.retry);
    await truth.pass(WAIT - LEASE_TERMS.exchange);
    expect(outcome.at).toBeNull();
    await truth.pass(LEASE_TERMS.exchange);
    expect(outcome.enforced).toMatchObject({ verifiers: 1, by: 'lease' });
  });

  test.each([
    ['says nothing', null],
    ['answers too late each time', 1_001],
  ])('is unconfirmed a lease and a second after it was committed, where the log %s', async (_, back) => {
    const { truth, log, enforcement } = start();
    log.fate = () => ({ there: 1, back });
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(LEASE_TERMS.lease);
    expect(outcome.at).toBeNull();
    await truth.pass(LEASE_TERMS.publication + 1);
    expect(outcome.error).toBeInstanceOf(EnforcementUnconfirmedError);
  });

  test('is unconfirmed as soon where the log refuses at once, after some thirty attempts', async () => {
    const { truth, log, troubles, enforcement } = start();
    log.publish = () => Promise.reject(new Error('refused'));
    const outcome = watch(truth, enforcement.enforce(log.commit(KEY)));
    await truth.pass(LEASE_TERMS.lease + LEASE_TERMS.publication + 1);
    expect(outcome.error).toBeInstanceOf(EnforcementUnconfirmedError);
    expect(troubles.length).toBeLessThanOrEqual(31);
  });
});

test('however many wait, one look at a time serves them all', async () => {
  const { truth, log, enforcement } = start();
  log.known.set('m1', member());
  const members = log.members.bind(log);
  let [looking, most, looks] = [0, 0, 0];
  log.members = () => {
    looks += 1;
    looking += 1;
    most = Math.max(most, looking);
    return members().finally(() => (looking -= 1));
  };
  const outcomes = Array.from({ length: 200 }, () => watch(truth, enforcement.enforce(log.commit(KEY))));
  await truth.pass(1_000);
  expect([most, looks < 60]).toEqual([1, true]);
  log.known.set('m1', member({ position: 200 }));
  await truth.pass(60);
  expect(outcomes.every(({ enforced }) => enforced?.by === 'acknowledgement')).toBe(true);
});

test('members that were lost without a word are forgotten after a lease, and no others', async () => {
  const { truth, time, log } = start();
  for (const id of ['lost', 'there']) log.known.set(id, member({ id }));
  const lostMembers = new LostMembers(log, { time, onTrouble: () => undefined });
  lostMembers.start();
  await truth.pass(WAIT);
  log.known.set('there', member({ id: 'there', renewals: 2 }));
  expect(log.known.size).toBe(2);
  await truth.pass(10);
  expect([...log.known.keys()]).toEqual(['there']);
  await lostMembers.stop();
});

/** Admins and verifiers on one log that goes wrong in every way, each with clocks of its own. */
async function watchTrouble(seed: number): Promise<{ readonly judged: number; readonly byLease: number }> {
  const random = randomFrom(seed);
  const chance = (likelihood: number) => random() < likelihood;
  const truth = new VirtualTime();
  const log = new ScriptedLog(truth);
  /** Until then nothing gets through. */
  let cut = 0;
  const delay = () => (truth.now < cut || chance(0.04) ? null : chance(0.05) ? random() * 1_500 : random() * 5);
  log.fate = () => ({ there: delay(), back: chance(0.3) ? random() * 990 : delay() });
  log.hintDelay = delay;
  log.pageSize = 2;
  const clock = () => new ProcessTime(truth, 0.98 + random() * 0.04);
  let ids = 0;
  const started = () => {
    const follower = new LogFollower(log, { time: clock(), newMemberId: () => `m${(ids += 1)}` });
    follower.start();
    return follower;
  };
  const followers = [started(), started(), started()];
  const admins = [clock(), clock()].map((time) => new LogEnforcement(log, { time }));
  new LostMembers(log, { time: clock(), onTrouble: () => undefined }).start();
  /** The last change of which some admin has said that it is in force. */
  let inForce = 0;
  let [judged, byLease] = [0, 0];
  for (let step = 0; step < 120; step += 1) {
    if (chance(0.3)) {
      const change = log.commit(KEY);
      admins[chance(0.5) ? 0 : 1]?.enforce(change).then(
        ({ by }) => {
          inForce = Math.max(inForce, change.place);
          if (by === 'lease') byLease += 1;
        },
        () => undefined,
      );
    }
    if (chance(0.03)) cut = truth.now + random() * 2_500;
    if (chance(0.01)) void followers.shift()?.stop();
    if (followers.length < 3) followers.push(started());
    await truth.pass(chance(0.2) ? random() * 500 : random() * 40);
    for (const follower of followers) {
      if (!follower.mayAnswerFromMemory()) continue;
      judged += 1;
      expect(follower.stamp()?.position).toBeGreaterThanOrEqual(inForce);
    }
  }
  return { judged, byLease };
}

test('whatever goes wrong, nobody answers from memory without a change that is said to be in force', async () => {
  let [judged, byLease] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const seen = await watchTrouble(seed);
      judged += seen.judged;
      byLease += seen.byLease;
    }),
    { numRuns: 60 },
  );
  expect([judged > 1_000, byLease > 10]).toEqual([true, true]);
}, 60_000);
