import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Counters, KeyLimits, Taken, Taking } from '#libs/key-domain';
import { aKey, anybody, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const A_MINUTE = { name: 'a minute', limit: 3, windowSeconds: 60 };
const QUOTA: KeyLimits = { rateLimits: [], quota: { refill: null } };
const RATE: KeyLimits = { rateLimits: [A_MINUTE], quota: null };
const BOTH: KeyLimits = { rateLimits: [A_MINUTE], quota: { refill: null } };

/** As `decide` has it: credits for the cost, and a request left in every window. */
function aTaking(keyId: string, limits: KeyLimits, cost = 1): Taking {
  const admits = ({ credits, rateLimits }: Counters) =>
    (credits === null || credits >= cost) && rateLimits.every(({ remaining }) => remaining > 0);
  return { keyId, limits, cost, admits };
}

export function limitLedgerConformance(storage: () => StorageHarness): void {
  describe('LimitLedger', () => {
    let accountId: string;
    beforeAll(async () => {
      accountId = await storage().account();
    });

    async function insertKey(credits: number | null = null): Promise<string> {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      if (credits !== null) await storage().setCredits(key.id, credits);
      return key.id;
    }
    const take = (...takings: readonly Taking[]) => storage().ledger.take(takings);
    const left = (taken: readonly (Taken | null)[]) => taken.map((each) => each?.left.quota?.remaining);
    const requestsLeft = (taken: readonly (Taken | null)[]) => taken.map((each) => each?.left.rateLimits[0]?.remaining);

    test('what one request has taken the next one finds gone, in one call and in the next', async () => {
      const keyId = await insertKey(10);
      expect(left(await take(aTaking(keyId, QUOTA, 3), aTaking(keyId, QUOTA, 4)))).toEqual([7, 3]);
      expect(left(await take(aTaking(keyId, QUOTA, 3)))).toEqual([0]);
    });

    test('a request that is not admitted takes nothing, from no limit', async () => {
      const keyId = await insertKey(2);
      const [refused, admitted] = await take(aTaking(keyId, BOTH, 3), aTaking(keyId, BOTH, 2));
      expect(refused).toMatchObject({
        counters: { credits: 2 },
        left: { quota: { remaining: 2 }, rateLimits: [{ remaining: 3 }] },
      });
      expect(admitted).toMatchObject({
        counters: { credits: 2 },
        left: { quota: { remaining: 0 }, rateLimits: [{ remaining: 2 }] },
      });
      expect(await take(aTaking(keyId, BOTH))).toMatchObject([{ left: { rateLimits: [{ remaining: 2 }] } }]);
    });

    test('a window begins with the first request, by the clock of the store, and ends a window later for all of them', async () => {
      const keyId = await insertKey();
      const [first] = await take(aTaking(keyId, RATE));
      const [second] = await take(aTaking(keyId, RATE));
      expect(first?.left.rateLimits).toEqual([{ ...shown(A_MINUTE), remaining: 2, resetsAt: (first?.now ?? 0) + 60_000 }]);
      expect(second?.left.rateLimits).toEqual([{ ...shown(A_MINUTE), remaining: 1, resetsAt: (first?.now ?? 0) + 60_000 }]);
    });

    test('when a window has passed the limit is whole again', async () => {
      const keyId = await insertKey();
      const short = { rateLimits: [{ name: 'a second', limit: 1, windowSeconds: 1 }], quota: null };
      expect(requestsLeft(await take(aTaking(keyId, short), aTaking(keyId, short)))).toEqual([0, 0]);
      const [refused] = await take(aTaking(keyId, short));
      await untilStoreTime(refused?.left.rateLimits[0]?.resetsAt ?? Infinity);
      expect(await take(aTaking(keyId, short))).toMatchObject([{ counters: { rateLimits: [{ remaining: 1 }] } }]);
    });

    async function untilStoreTime(time: number): Promise<void> {
      for (;;) if ((await storage().keys.now()).getTime() > time) return;
    }

    test('however many verifiers ask at once, a quota gives what it holds and no more', async () => {
      const keyId = await insertKey(100);
      const calls = Array.from({ length: 60 }, () => take(aTaking(keyId, QUOTA), aTaking(keyId, QUOTA)));
      const taken = (await Promise.all(calls)).flat();
      expect(taken.filter((each) => each !== null && (each.counters.credits ?? 0) > 0)).toHaveLength(100);
      expect(left(await take(aTaking(keyId, QUOTA, 0)))).toEqual([0]);
    });

    test('the first requests of a key at once begin one window', async () => {
      const keyId = await insertKey();
      const taken = (await Promise.all(Array.from({ length: 20 }, () => take(aTaking(keyId, RATE))))).flat();
      expect(taken.filter((each) => each?.counters.rateLimits[0]?.remaining !== 0)).toHaveLength(3);
      expect(new Set(taken.slice(1).map((each) => each?.left.rateLimits[0]?.resetsAt)).size).toBe(1);
    });

    test('calls with the same keys in other orders do not lock each other out', async () => {
      const keyIds = await Promise.all(Array.from({ length: 10 }, () => insertKey(1_000)));
      const calls = Array.from({ length: 30 }, (_, call) => (call % 2 === 0 ? keyIds : keyIds.toReversed()));
      await Promise.all(calls.map((order) => take(...order.map((keyId) => aTaking(keyId, BOTH, 1)))));
      expect(left(await take(...keyIds.map((keyId) => aTaking(keyId, QUOTA, 0))))).toEqual(keyIds.map(() => 1_000 - 3));
    });

    test('of a key that is not there, nothing is taken; the others of the call are counted', async () => {
      const keyId = await insertKey(5);
      const [gone, there] = await take(aTaking('key_gone', QUOTA), aTaking(keyId, QUOTA));
      expect([gone, there?.left.quota]).toEqual([null, { remaining: 4, refillsAt: null }]);
    });

    test('a key that is deleted while its requests are counted is gone, or was counted: nothing fails', async () => {
      const keyId = await insertKey(1_000);
      const revocation = { reason: 'unspecified', description: null } as const;
      const calls = Array.from({ length: 20 }, () => take(aTaking(keyId, QUOTA)));
      await Promise.all([...calls, storage().keys.delete(accountId, keyId, revocation, anybody, BY)]);
      expect(await take(aTaking(keyId, QUOTA))).toEqual([null]);
    });

    test('credits of a billion requests are counted exactly', async () => {
      const keyId = await insertKey(999_999_999_999);
      expect(left(await take(aTaking(keyId, QUOTA, 4_294_967_295)))).toEqual([995_705_032_704]);
    });

    test('names of limits that JavaScript knows as something else are names', async () => {
      const keyId = await insertKey();
      const limits = { rateLimits: [{ name: '__proto__', limit: 2, windowSeconds: 60 }], quota: null };
      await take(aTaking(keyId, limits));
      expect(requestsLeft(await take(aTaking(keyId, limits)))).toEqual([0]);
    });
  });
}

function shown({ name, limit }: typeof A_MINUTE) {
  return { name, limit };
}
