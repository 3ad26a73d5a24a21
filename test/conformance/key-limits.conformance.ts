import {
  type Counters,
  type KeyChanges,
  type KeyLimits,
  limitsOf,
  type NewKey,
  type Quota,
  type RateLimit,
} from '#libs/key-domain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { aKey, anybody, aSecret, BY } from './factories.js';
import type { StorageHarness } from './harness.js';
import { anImport } from './key-import-store.conformance.js';

const MINUTE: RateLimit = { name: 'minute', limit: 10, windowSeconds: 60 };
const DAY: RateLimit = { name: 'day', limit: 1_000, windowSeconds: 86_400 };
const DAILY = { amount: 50, interval: 'day' } as const;
const HUNDRED: Quota = { remaining: 100, refill: null };
const REVOCATION = { reason: 'unspecified', description: null } as const;

export function keyLimitsConformance(storage: () => StorageHarness): void {
  describe('limits of keys', () => {
    let accountId: string;
    beforeAll(async () => {
      accountId = await storage().account();
    });

    async function insert(given: Partial<NewKey> = {}) {
      const key = aKey(accountId, given);
      return { ...(await storage().keys.insert(key, BY)), secret: key.secret };
    }
    const change = (keyId: string, changes: KeyChanges) => storage().keys.change(accountId, keyId, () => changes, BY);
    const find = (keyId: string) => storage().keys.find(accountId, keyId);
    const remaining = async (keyId: string) => (await find(keyId))?.quota?.remaining;
    const held = async ({ secret }: Pick<NewKey, 'secret'>) =>
      (await storage().lookup.find([secret.digest.digest])).found[0]?.record.limits;
    const admitted = () => true;
    const taking = (keyId: string, limits: KeyLimits | null, cost = 1) => {
      if (limits === null) throw new Error('nothing to take from');
      return { keyId, limits, cost, admits: admitted };
    };
    async function take(keyId: string, limits: KeyLimits | null, cost = 1) {
      const [taken] = await storage().ledger.take([taking(keyId, limits, cost)]);
      return taken?.left;
    }
    const told = async (keyId: string) =>
      (await storage().audit.after(accountId, { target: keyId }, 0, 100)).map(
        ({ change: { text } }) => JSON.parse(text ?? '') as { before: object | null; after: object },
      );

    test.each<[string, readonly RateLimit[], Quota | null]>([
      ['rate limits', [MINUTE, DAY], null],
      ['a quota', [], HUNDRED],
      ['a quota that is used up, with its refill', [], { remaining: 0, refill: DAILY }],
      ['both', [DAY], { remaining: 1_000_000_000_000, refill: { amount: 1_000_000_000_000, interval: 'month' } }],
      ['neither', [], null],
    ])('a key with %s has them as they were given, and verifiers are told', async (_, rateLimits, quota) => {
      const limits = { rateLimits, quota };
      const key = await insert(limits);
      expect(key).toMatchObject(limits);
      expect(await find(key.id)).toMatchObject(limits);
      expect(await held(key)).toEqual(limitsOf(rateLimits, quota));
      const { keys } = await storage().keys.list(accountId, {}, { limit: 1, before: null });
      expect(keys).toMatchObject([{ id: key.id, ...limits }]);
      expect(await told(key.id)).toMatchObject([{ after: limits }]);
    });

    test('imported keys have theirs, each its own', async () => {
      const all = [
        { rateLimits: [MINUTE], quota: HUNDRED },
        {},
        { quota: { remaining: 3, refill: DAILY } },
        { rateLimits: [DAY] },
      ];
      const keys = all.map((given) => anImport(accountId, given));
      await storage().imports.importKeys(accountId, keys, false, BY);
      for (const { id, rateLimits, quota, secret } of keys) {
        expect(await find(id)).toMatchObject({ rateLimits, quota });
        expect(await held({ secret })).toEqual(limitsOf(rateLimits, quota));
      }
      const [first] = keys;
      expect(await take(first?.id ?? '', limitsOf([MINUTE], HUNDRED))).toMatchObject({ quota: { remaining: 99 } });
    });

    test('what is left is told with every refill that is due, and above it what was set', async () => {
      const [used, full] = [
        await insert({ quota: { remaining: 3, refill: DAILY } }),
        await insert({ quota: { remaining: 70, refill: DAILY } }),
      ];
      for (const { id } of [used, full]) await storage().countedEarlier(id, 24);
      expect([await remaining(used.id), await remaining(full.id)]).toEqual([50, 70]);
      const { keys } = await storage().keys.list(accountId, {}, { limit: 2, before: null });
      expect(keys.map(({ quota }) => quota?.remaining)).toEqual([70, 50]);
    });

    describe('a change', () => {
      test('of a quota takes the place of the whole of it, with its credits counted anew', async () => {
        const key = await insert({ quota: { remaining: 5, refill: DAILY } });
        await take(key.id, limitsOf([], key.quota), 5);
        const changed = await change(key.id, { quota: HUNDRED });
        expect(changed?.key.quota).toEqual(HUNDRED);
        expect(await find(key.id)).toEqual(changed?.key);
        expect(await held(key)).toMatchObject({ rateLimits: [], quota: { refill: null } });
        await storage().countedEarlier(key.id, 24);
        expect(await remaining(key.id)).toBe(100);
      });

      test('that takes limits away leaves nothing to be counted', async () => {
        const key = await insert({ rateLimits: [MINUTE], quota: HUNDRED });
        expect((await change(key.id, { quota: null }))?.key).toMatchObject({ rateLimits: [MINUTE], quota: null });
        expect(await take(key.id, limitsOf([MINUTE], null))).toMatchObject({ quota: null });
        expect((await change(key.id, { rateLimits: [] }))?.key).toMatchObject({ rateLimits: [], quota: null });
        expect(await held(key)).toBeNull();
      });

      test('gives a key limits that had none', async () => {
        const key = await insert();
        const limits = { rateLimits: [MINUTE], quota: { remaining: 2, refill: DAILY } };
        expect((await change(key.id, limits))?.key).toMatchObject(limits);
        expect(await take(key.id, limitsOf(limits.rateLimits, limits.quota), 2)).toMatchObject({ quota: { remaining: 0 } });
      });

      test('of rate limits keeps what is counted under their names, and the credits', async () => {
        const key = await insert({ rateLimits: [MINUTE], quota: HUNDRED });
        for (let count = 0; count < 3; count += 1) await take(key.id, limitsOf([MINUTE], HUNDRED));
        const wider = [DAY, { ...MINUTE, limit: 20 }];
        expect((await change(key.id, { rateLimits: wider }))?.key.quota).toEqual({ remaining: 97, refill: null });
        const left = await take(key.id, limitsOf(wider, HUNDRED));
        expect(left?.rateLimits.map(({ remaining: requests }) => requests)).toEqual([999, 16]);
        expect(left?.quota?.remaining).toBe(96);
      });

      test('of anything else, and a rotation, leave limits and counts as they are', async () => {
        const key = await insert({ rateLimits: [MINUTE], quota: HUNDRED });
        await take(key.id, limitsOf([MINUTE], HUNDRED), 40);
        await change(key.id, { name: 'renamed', enabled: true });
        const rotated = await storage().keys.rotate(
          accountId,
          key.id,
          { secret: aSecret(), graceSeconds: 60, assertMay: () => undefined },
          BY,
        );
        expect(rotated?.key).toMatchObject({ rateLimits: [MINUTE], quota: { remaining: 60, refill: null } });
        const left = await take(key.id, limitsOf([MINUTE], HUNDRED), 1);
        expect(left).toMatchObject({ rateLimits: [{ remaining: 8 }], quota: { remaining: 59 } });
      });

      test('is put down as what was set, and what requests have taken since is put down by no other', async () => {
        const key = await insert({ quota: HUNDRED });
        await take(key.id, limitsOf([], HUNDRED), 30);
        await change(key.id, { name: 'renamed' });
        await change(key.id, { quota: { remaining: 9, refill: DAILY } });
        await change(key.id, { rateLimits: [MINUTE], quota: null });
        const [, ...changes] = await told(key.id);
        expect(changes).toEqual([
          { before: { name: 'a key' }, after: { name: 'renamed' } },
          { before: { quota: { remaining: 70, refill: null } }, after: { quota: { remaining: 9, refill: DAILY } } },
          {
            before: { rateLimits: [], quota: { remaining: 9, refill: DAILY } },
            after: { rateLimits: [MINUTE], quota: null },
          },
        ]);
      });

      test('that is refused sets no credits', async () => {
        const key = await insert({ quota: HUNDRED });
        const refused = storage().keys.change(accountId, key.id, () => ({ quota: null }), BY, -1);
        await expect(refused).rejects.toThrow();
        expect(await find(key.id)).toMatchObject({ quota: HUNDRED });
      });
    });

    describe('a request that came before its limits were changed, and is counted after that', () => {
      /** As verifiers have it. */
      const admits = ({ credits, rateLimits }: Counters) =>
        (credits === null || credits >= 1) && rateLimits.every(({ remaining: requests }) => requests > 0);
      async function takeLate(keyId: string, limits: KeyLimits | null | undefined) {
        const [taken] = await storage().ledger.take([{ ...taking(keyId, limits ?? null), admits }]);
        return taken ?? null;
      }
      /** When a refill is due, in as far as the former limits or the present ones have one. */
      async function changed(given: Partial<NewKey>, changes: KeyChanges) {
        const key = await insert(given);
        const former = await held(key);
        await change(key.id, changes);
        await storage().countedEarlier(key.id, 24);
        return { keyId: key.id, former };
      }

      test('brings no refill that is gone to the credits that were set', async () => {
        const { keyId, former } = await changed(
          { quota: { remaining: 5, refill: DAILY } },
          { quota: { remaining: 0, refill: null } },
        );
        expect(await takeLate(keyId, former)).toMatchObject({ counters: { credits: 0 }, left: { quota: { remaining: 0 } } });
        expect(await remaining(keyId)).toBe(0);
      });

      test('takes no refill away that is new', async () => {
        const { keyId, former } = await changed({ quota: HUNDRED }, { quota: { remaining: 0, refill: DAILY } });
        expect(await takeLate(keyId, former)).toMatchObject({ counters: { credits: 50 }, left: { quota: { remaining: 49 } } });
      });

      test('takes of no credits of a key that has a quota no more, and of those of one that has got one', async () => {
        const without = await changed({ quota: HUNDRED }, { quota: null });
        expect(await takeLate(without.keyId, without.former)).toMatchObject({
          counters: { credits: null },
          left: { quota: null },
        });
        const within = await changed({ rateLimits: [DAY] }, { quota: HUNDRED });
        expect(await takeLate(within.keyId, within.former)).toMatchObject({
          left: { quota: { remaining: 99 }, rateLimits: [{ remaining: 999 }] },
        });
      });

      test('opens no new window of a limit whose window was made longer, and forgets none that was begun', async () => {
        const key = await insert({ rateLimits: [{ ...MINUTE, limit: 2, windowSeconds: 1 }] });
        const former = await held(key);
        await change(key.id, { rateLimits: [{ ...MINUTE, limit: 2 }, DAY] });
        const present = await held(key);
        for (let request = 0; request < 2; request += 1) await takeLate(key.id, present);
        const end = (await storage().keys.now()).getTime() + 1_000;
        while ((await storage().keys.now()).getTime() < end);
        expect(await takeLate(key.id, former)).toMatchObject({
          counters: { rateLimits: [{ remaining: 0 }, { remaining: 998 }] },
        });
      });

      test('is judged by limits that came before anything was counted, and by those that came after all were taken away', async () => {
        const { keyId, former } = await changed({ rateLimits: [DAY] }, { rateLimits: [{ ...DAY, limit: 1 }] });
        expect(await takeLate(keyId, former)).toMatchObject({ left: { rateLimits: [{ limit: 1, remaining: 0 }] } });
        await change(keyId, { rateLimits: [] });
        expect(await takeLate(keyId, former)).toMatchObject({ counters: { rateLimits: [] }, left: { rateLimits: [] } });
        await change(keyId, { rateLimits: [{ ...DAY, limit: 3 }] });
        expect(await takeLate(keyId, former)).toMatchObject({ left: { rateLimits: [{ limit: 3 }] } });
      });
    });

    test('a deleted key has nothing that could be taken', async () => {
      const key = await insert({ quota: HUNDRED });
      await storage().keys.delete(accountId, key.id, REVOCATION, anybody, BY);
      expect(await take(key.id, limitsOf([], HUNDRED))).toBeUndefined();
    });

    test('100 requests at once, and changes of quotas and names meanwhile, lock nobody out and lose no credit that was set', async () => {
      const keys = [
        await insert({ rateLimits: [DAY], quota: HUNDRED }),
        await insert({ rateLimits: [DAY], quota: HUNDRED }),
        await insert({ rateLimits: [DAY] }),
      ];
      const limits = limitsOf([DAY], HUNDRED);
      const requests = Array.from({ length: 100 }, (_, index) => {
        const asked = keys.map(({ id }) => taking(id, limits));
        return storage().ledger.take(index % 2 === 0 ? asked : asked.toReversed());
      });
      const changes = keys.flatMap(({ id }) =>
        Array.from({ length: 10 }, (_, index) =>
          change(id, index % 3 === 0 ? { name: `name ${index}` } : { quota: { remaining: 10_000 * (index + 1), refill: null } }),
        ),
      );
      const [taken] = await Promise.all([Promise.all(requests), Promise.all(changes)]);
      expect(taken.flat().filter((one) => one === null)).toEqual([]);
      for (const { id } of keys) {
        const left = await remaining(id);
        expect(left).toBeGreaterThanOrEqual(90_000 - 100);
        expect(left).toBeLessThanOrEqual(90_000);
        await change(id, { quota: { remaining: 5, refill: null } });
        expect(await remaining(id)).toBe(5);
        expect((await take(id, limits))?.rateLimits).toMatchObject([{ remaining: 899 }]);
      }
    });
  });
}
