import { describe, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { GuardSessions } from '#libs/coherence';
import type { WatchKeysRequest, WatchKeysResponse } from '#libs/contract';
import { SYSTEM_TIME } from '#libs/key-domain';
import type { Judgement } from '#libs/verification';
import { aRecord } from '../key-record.fixture.js';
import { GuardAnswers } from './guard-answers.js';
import { type GuardCall, GuardStream } from './guard-stream.js';

const GRANTING = { grant: () => 60_000 };
const STAMP = { epoch: 'e', position: 0 };

function judgementOf(number: number, accountId: string): Judgement {
  const record = aRecord({ keyId: `key_${number}`, secretId: `sec_${number}`, accountId, name: '' });
  return { verdict: { code: 'VALID', record }, stamp: STAMP, left: null };
}

function keepMany(answers: GuardAnswers, sessionId: string, accountId: string, count: number, from = 0): void {
  for (let number = from; number < from + count; number += 1) answers.keepFor(sessionId, judgementOf(number, accountId));
}

function kept(answers: GuardAnswers, sessionId: string, accountId: string, count: number): number {
  const numbers = Array.from({ length: count }, (_, number) => number);
  return numbers.filter((number) => answers.wereKept(sessionId, `sec_${number}`, { keyId: `key_${number}`, accountId })).length;
}

describe('uses may be reported', () => {
  test('of what the session keeps, by its own account and of the key it was', () => {
    const answers = new GuardAnswers(GRANTING);
    keepMany(answers, 's', 'acc', 2);
    expect(kept(answers, 's', 'acc', 3)).toBe(2);
    expect(kept(answers, 'another', 'acc', 3)).toBe(0);
    expect(kept(answers, 's', 'another', 3)).toBe(0);
    expect(answers.wereKept('s', 'sec_0', { keyId: 'key_1', accountId: 'acc' })).toBe(false);
  });

  test('of no key with limits: not even a refusal of one is kept, since the next request would be judged by it uncounted', () => {
    const answers = new GuardAnswers(GRANTING);
    const limits = { rateLimits: [], quota: { refill: null } };
    const record = aRecord({ keyId: 'key_0', secretId: 'sec_0', accountId: 'acc', limits });
    const verdicts: Judgement['verdict'][] = [
      { code: 'VALID', record },
      { code: 'INSUFFICIENT_SCOPE', record, missingScopes: ['a:b'] },
      { code: 'IP_NOT_ALLOWED', record },
    ];
    expect(verdicts.map((verdict) => answers.keepFor('s', { verdict, stamp: STAMP, left: null }))).toEqual([0, 0, 0]);
    expect(kept(answers, 's', 'acc', 1)).toBe(0);
  });

  test('of nothing that the guard may not keep', () => {
    const answers = new GuardAnswers({ grant: () => 0 });
    keepMany(answers, 's', 'acc', 1);
    expect(kept(answers, 's', 'acc', 1)).toBe(0);
  });

  test('whatever another account verifies meanwhile: two hundred thousand secrets under a hundred sessions', () => {
    const answers = new GuardAnswers(GRANTING);
    keepMany(answers, 'ours', 'acc_ours', 50);
    for (let session = 0; session < 100; session += 1) keepMany(answers, `theirs${session}`, 'acc_theirs', 2_000);
    keepMany(answers, 'ours', 'acc_ours', 50, 50);
    expect(kept(answers, 'ours', 'acc_ours', 100)).toBe(100);
  });

  test('by every account, however many are busy: the room is shared evenly', () => {
    const answers = new GuardAnswers(GRANTING, { ofSession: 200, all: 2_000 });
    const accounts = Array.from({ length: 19 }, (_, account) => `acc${account}`);
    for (const account of accounts)
      for (let guard = 0; guard < 10; guard += 1) keepMany(answers, `${account} ${guard}`, account, 200, guard * 200);
    keepMany(answers, 'late', 'acc_late', 500);
    const keptOf = (account: string) => {
      const numbers = Array.from({ length: 2_000 }, (_, number) => number);
      return numbers.filter((number) =>
        answers.wereKept(`${account} ${Math.floor(number / 200)}`, `sec_${number}`, {
          keyId: `key_${number}`,
          accountId: account,
        }),
      ).length;
    };
    for (const account of accounts) expect(keptOf(account)).toBeGreaterThanOrEqual(99);
    expect(kept(answers, 'late', 'acc_late', 500)).toBeGreaterThanOrEqual(99);
  });

  test('by every guard of an account, however many they are: of as many secrets each as there is room for', () => {
    const answers = new GuardAnswers(GRANTING, { ofSession: 200, all: 1_000 });
    const guards = Array.from({ length: 10 }, (_, guard) => `guard${guard}`);
    for (const guard of guards) keepMany(answers, guard, 'acc', 200);
    for (const guard of guards) expect(kept(answers, guard, 'acc', 200)).toBeGreaterThanOrEqual(90);
    for (const guard of guards.slice(0, 5)) answers.forget(guard);
    keepMany(answers, 'guard9', 'acc', 200);
    expect(kept(answers, 'guard9', 'acc', 200)).toBe(200);
  });

  test('of so many secrets of one session and no more: those that were answered last', () => {
    const answers = new GuardAnswers(GRANTING, { ofSession: 3, all: 100 });
    keepMany(answers, 's', 'acc', 3);
    keepMany(answers, 's', 'acc', 1);
    keepMany(answers, 's', 'acc', 1, 3);
    expect(answers.wereKept('s', 'sec_1', { keyId: 'key_1', accountId: 'acc' })).toBe(false);
    expect(kept(answers, 's', 'acc', 4)).toBe(3);
  });

  test('of nothing once the guard has left', async () => {
    const sessions = new GuardSessions({ time: SYSTEM_TIME, newSessionId: () => 's' });
    sessions.attend({
      isUnchangedSince: () => true,
      mayAnswerFromMemory: () => true,
      leaseLeft: () => 1_000,
      storeTime: () => 0,
      follow: () => undefined,
    });
    const answers = new GuardAnswers(sessions);
    const call = new Call();
    const service = judgementOf(0, 'acc').verdict.record;
    if (service === null) throw new Error('a valid key has a record');
    await new GuardStream(call, {
      sessions,
      rules: { tell: () => Promise.resolve() },
      errors: {
        translate: (error) => {
          throw error;
        },
      },
      admit: () => ({ record: service, stamp: STAMP }),
      over: (sessionId) => {
        answers.forget(sessionId);
      },
    }).serve();
    call.say({ $case: 'open', value: { staleWhileUnavailable: undefined } });
    keepMany(answers, 's', 'acc', 1);
    expect(kept(answers, 's', 'acc', 1)).toBe(1);
    call.say({ $case: 'leave', value: {} });
    expect(kept(answers, 's', 'acc', 1)).toBe(0);
  });

  test('of nothing once the session is over, and others have the room', () => {
    const answers = new GuardAnswers(GRANTING, { ofSession: 10, all: 10 });
    keepMany(answers, 's', 'acc', 10);
    answers.forget('s');
    answers.forget('s');
    expect(kept(answers, 's', 'acc', 10)).toBe(0);
    keepMany(answers, 'next', 'acc', 10);
    expect(kept(answers, 'next', 'acc', 10)).toBe(10);
  });
});

/** A guard's end of a stream. */
class Call extends EventEmitter implements GuardCall {
  readonly writableLength = 0;
  write(_: WatchKeysResponse): void {
    // What it is told does not matter here.
  }
  end(): void {
    // Nor that nothing more comes.
  }
  say(message: WatchKeysRequest['message']): void {
    this.emit('data', { message });
  }
}
