import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type KeyLimits, type Taken, type Taking, UnavailableError } from '#libs/key-domain';
import { InMemoryLedger } from './in-memory-ledger.fixture.js';
import { LimitTakings, LONGEST_WAIT } from './limit-takings.js';

const QUOTA: KeyLimits = { rateLimits: [], quota: { refill: null } };
const one = (keyId: string): Taking => ({
  keyId,
  limits: QUOTA,
  cost: 1,
  admits: ({ credits }) => credits !== null && credits >= 1,
});

/** A door that stays closed until it is opened. */
function aGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, pass: () => opened };
}

let ledger: InMemoryLedger;
let takings: LimitTakings;

/** A call with one request. */
async function take(accountId: string, taking: Taking): Promise<Taken | null> {
  const [taken = null] = await takings.take(accountId, [taking]);
  return taken;
}

beforeEach(() => {
  ledger = new InMemoryLedger();
  takings = new LimitTakings(ledger);
});

describe('requests that are counted', () => {
  test('in one turn are counted together, in their order', async () => {
    ledger.setCredits('key_1', 2);
    const taken = await Promise.all(Array.from({ length: 4 }, () => take('acc_1', one('key_1'))));
    expect(taken.map((each) => each?.counters.credits)).toEqual([2, 1, 0, 0]);
    expect(ledger.calls).toHaveLength(1);
  });

  test('of an account that come while others of it are counted are counted together in the next go', async () => {
    ledger.setCredits('key_1', 100);
    const gate = aGate();
    ledger.gate = gate.pass;
    const first = take('acc_1', one('key_1'));
    await Promise.resolve();
    const later = [];
    for (let request = 0; request < 10; request += 1) {
      later.push(take('acc_1', one('key_1')));
      await Promise.resolve();
    }
    expect(ledger.calls).toHaveLength(1);
    gate.open();
    await Promise.all([first, ...later]);
    expect(ledger.calls.map((call) => call.length)).toEqual([1, 10]);
    expect(ledger.creditsOf('key_1')).toBe(89);
  });

  test('of one account wait for no other account, up to four at once', async () => {
    const gate = aGate();
    ledger.gate = gate.pass;
    const all = Array.from({ length: 6 }, (_, account) => take(`acc_${account}`, one(`key_${account}`)));
    await Promise.resolve();
    expect(ledger.calls.map(([taking]) => taking?.keyId)).toEqual(['key_0', 'key_1', 'key_2', 'key_3']);
    gate.open();
    await Promise.all(all);
    expect(ledger.calls).toHaveLength(6);
  });

  test('of an account that asks without end leave the others their turn', async () => {
    const many = Array.from({ length: 2_000 }, () => take('acc_1', one('key_1')));
    const gate = aGate();
    ledger.gate = gate.pass;
    const others = Array.from({ length: 5 }, (_, account) => take(`acc_other_${account}`, one(`key_other_${account}`)));
    await Promise.resolve();
    gate.open();
    await Promise.all([...many, ...others]);
    const firstOfLast = ledger.calls.findIndex(([taking]) => taking?.keyId === 'key_other_4');
    expect(firstOfLast).toBeLessThan(ledger.calls.findLastIndex(([taking]) => taking?.keyId === 'key_1'));
    expect(Math.max(...ledger.calls.map((call) => call.length))).toBe(256);
  });

  test('beyond half of what may wait are refused as not answered; there is room again when the others are done', async () => {
    const gate = aGate();
    ledger.gate = gate.pass;
    ledger.setCredits('key_1', 1_000_000);
    const all = Promise.allSettled(Array.from({ length: 10_003 }, () => take('acc_1', one('key_1'))));
    const other = take('acc_2', one('key_2'));
    gate.open();
    const refused = (await all).filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason as unknown)).toEqual([0, 1, 2].map(() => expect.any(UnavailableError)));
    expect(ledger.creditsOf('key_1')).toBe(990_000);
    await expect(other).resolves.not.toBeNull();
    await expect(take('acc_1', one('key_1'))).resolves.not.toBeNull();
  });

  describe('and have waited', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    test('for longer than whoever asked take nothing, and those who wait longer are counted', async () => {
      ledger.setCredits('key_1', 10);
      const gate = aGate();
      ledger.gate = gate.pass;
      const first = take('acc_1', one('key_1'));
      await Promise.resolve();
      const [patient, gone] = [take('acc_1', one('key_1')), takings.take('acc_1', [one('key_1')], performance.now() + 1_000)];
      const alsoPatient = take('acc_1', one('key_1'));
      jest.advanceTimersByTime(1_001);
      gate.open();
      await expect(gone).rejects.toThrow(UnavailableError);
      await Promise.all([first, patient, alsoPatient]);
      expect(ledger.creditsOf('key_1')).toBe(7);
    });

    test('for too long take nothing, and leave their places to others; those that have not are counted', async () => {
      ledger.setCredits('key_1', 1_000_000);
      for (let round = 1; round <= 3; round += 1) {
        const gate = aGate();
        ledger.gate = gate.pass;
        const first = take('acc_1', one('key_1'));
        await Promise.resolve();
        const late = Promise.allSettled(Array.from({ length: 9_000 }, () => take('acc_1', one('key_1'))));
        jest.advanceTimersByTime(LONGEST_WAIT + 1);
        const inTime = take('acc_1', one('key_1'));
        gate.open();
        await Promise.all([first, inTime]);
        const reasons = (await late).map((result) => (result.status === 'rejected' ? (result.reason as unknown) : null));
        expect(reasons.filter((reason) => reason instanceof UnavailableError)).toHaveLength(9_000);
        expect(ledger.creditsOf('key_1')).toBe(1_000_000 - 2 * round);
      }
    });
  });

  test('fail together when the store is away, and the next ones are counted again', async () => {
    ledger.failure = new UnavailableError('away');
    const both = await Promise.allSettled([take('acc_1', one('key_1')), take('acc_1', one('key_2'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    ledger.failure = null;
    await expect(take('acc_1', one('key_1'))).resolves.toMatchObject({ now: ledger.now });
  });

  test('of one call are counted in one go, or none of them is: a call that failed may be asked again', async () => {
    ledger.setCredits('busy', 1_000_000);
    ledger.locked = 'locked';
    const call = [...Array.from({ length: 999 }, () => one('busy')), one('locked')];
    await expect(takings.take('acc_1', call)).rejects.toThrow(UnavailableError);
    expect(ledger.creditsOf('busy')).toBe(1_000_000);
    ledger.locked = null;
    expect(await takings.take('acc_1', call)).toHaveLength(1_000);
    expect(ledger.creditsOf('busy')).toBe(1_000_000 - 999);
  });
});
