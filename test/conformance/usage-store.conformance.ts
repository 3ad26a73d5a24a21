import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Granularity, UsageBatch, UsageCount, UsageOutcome } from '#libs/key-domain';
import { aKey, anybody, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const DAY_MS = 24 * HOUR_MS;
/** Long enough ago to be told from now, and not so long that it is forgotten. */
const MIDNIGHT = Math.floor((Date.now() - 10 * DAY_MS) / DAY_MS) * DAY_MS;
const hour = (hours: number) => new Date(MIDNIGHT + hours * HOUR_MS);

export function usageStoreConformance(storage: () => StorageHarness): void {
  describe('UsageStore', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
    });

    async function insertKey(): Promise<string> {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      return key.id;
    }

    const counted = (keyId: string, hours: number, count: number, outcome: UsageOutcome = 'VALID'): UsageCount => ({
      ...{ keyId, count, outcome },
      hour: hour(hours),
    });
    const aBatch = (counts: readonly UsageCount[], number = 1, source = randomUUID()): UsageBatch => ({ source, number, counts });
    const add = (...counts: readonly UsageCount[]) => storage().usage.add(aBatch(counts));

    const span = (granularity: Granularity, from = hour(-72), to = hour(72)) => ({ granularity, from, to });
    const ofKey = async (keyId: string, granularity: Granularity = 'hour', from?: Date, to?: Date) =>
      (await storage().usage.ofKey(accountId, keyId, span(granularity, from, to)))?.map(written);
    const ofAccount = async (granularity: Granularity = 'hour', from?: Date, to?: Date) =>
      (await storage().usage.ofAccount(accountId, span(granularity, from, to))).map(written);

    test('sums what is added to the same hour and outcome, by one batch or by several', async () => {
      const keyId = await insertKey();
      await add(counted(keyId, 0, 2), counted(keyId, 0, 3), counted(keyId, 0, 1, 'REVOKED'));
      await add(counted(keyId, 0, 10), counted(keyId, 1, 7));
      expect(await ofKey(keyId)).toEqual(['0 REVOKED 1', '0 VALID 15', '1 VALID 7']);
    });

    test('tells days as the sums of their hours, each from midnight to midnight in UTC', async () => {
      const keyId = await insertKey();
      await add(counted(keyId, -1, 1), counted(keyId, 0, 2), counted(keyId, 23, 4), counted(keyId, 24, 8));
      expect(await ofKey(keyId)).toEqual(['-1 VALID 1', '0 VALID 2', '23 VALID 4', '24 VALID 8']);
      expect(await ofKey(keyId, 'day')).toEqual(['-24 VALID 1', '0 VALID 6', '24 VALID 8']);
      expect(await ofAccount('day')).toEqual(['-24 VALID 1', '0 VALID 6', '24 VALID 8']);
    });

    test('tells what begins at the start of a span or after it, and before its end', async () => {
      const keyId = await insertKey();
      await add(...[0, 1, 2, 3].map((hours) => counted(keyId, hours, hours + 1)));
      expect(await ofKey(keyId, 'hour', hour(1), hour(3))).toEqual(['1 VALID 2', '2 VALID 3']);
      expect(await ofAccount('hour', hour(1), hour(3))).toEqual(['1 VALID 2', '2 VALID 3']);
    });

    test('tells of an account the sum of its keys, and nothing of another account', async () => {
      const [one, other] = [await insertKey(), await insertKey()];
      const strangers = await storage().account();
      const foreign = aKey(strangers);
      await storage().keys.insert(foreign, BY);
      await add(counted(one, 0, 1), counted(other, 0, 2), counted(other, 0, 4, 'EXPIRED'), counted(foreign.id, 0, 100));
      expect(await ofAccount()).toEqual(['0 EXPIRED 4', '0 VALID 3']);
      expect(await storage().usage.ofAccount(strangers, span('hour'))).toMatchObject([{ outcome: 'VALID', count: 100 }]);
      expect(await storage().usage.ofKey(accountId, foreign.id, span('hour'))).toBeNull();
    });

    test('knows a key that nobody has verified, and none that is not there', async () => {
      expect(await ofKey(await insertKey())).toEqual([]);
      expect(await storage().usage.ofKey(accountId, 'key_gone', span('hour'))).toBeNull();
      expect(await ofAccount()).toEqual([]);
    });

    test('adds a batch once, however often it is sent, and at whichever connection it arrives first', async () => {
      const keyId = await insertKey();
      const batch = aBatch([counted(keyId, 0, 5)]);
      await Promise.all(Array.from({ length: 8 }, () => storage().usage.add(batch)));
      await storage().usage.add(batch);
      expect(await ofKey(keyId)).toEqual(['0 VALID 5']);
      expect(await ofAccount('day')).toEqual(['0 VALID 5']);
    });

    test('adds each further batch of a source, and those of other sources by themselves', async () => {
      const [keyId, source] = [await insertKey(), randomUUID()];
      for (const number of [1, 2, 3]) await storage().usage.add(aBatch([counted(keyId, 0, 1)], number, source));
      await storage().usage.add(aBatch([counted(keyId, 0, 10)], 1));
      expect(await ofKey(keyId)).toEqual(['0 VALID 13']);
    });

    test('loses nothing and locks nobody out where many verifiers add to the same keys at once', async () => {
      const keys: string[] = [];
      while (keys.length < 60) keys.push(...(await Promise.all(Array.from({ length: 20 }, insertKey))));
      const counts = keys.flatMap((keyId) => [counted(keyId, 0, 1), counted(keyId, 1, 1), counted(keyId, 0, 1, 'DISABLED')]);
      await Promise.all(Array.from({ length: 40 }, (_, verifier) => add(...(verifier % 2 === 0 ? counts : counts.toReversed()))));
      for (const keyId of [keys[0] ?? '', keys.at(-1) ?? '']) {
        expect(await ofKey(keyId)).toEqual(['0 DISABLED 40', '0 VALID 40', '1 VALID 40']);
      }
      expect(await ofAccount('day')).toEqual([`0 DISABLED ${40 * keys.length}`, `0 VALID ${80 * keys.length}`]);
    }, 30_000);

    describe('a key that is deleted', () => {
      const REVOCATION = { reason: 'unspecified', description: null } as const;
      const remove = (keyId: string) => storage().keys.delete(accountId, keyId, REVOCATION, anybody, BY);

      test('takes its usage with it, and the account keeps the sum', async () => {
        const keyId = await insertKey();
        await add(counted(keyId, 0, 5));
        await remove(keyId);
        expect(await storage().usage.ofKey(accountId, keyId, span('hour'))).toBeNull();
        expect(await ofAccount()).toEqual(['0 VALID 5']);
      });

      test('is counted no more, and spoils no others of its batch', async () => {
        const [gone, keyId] = [await insertKey(), await insertKey()];
        await remove(gone);
        await add(counted(gone, 0, 5), counted(keyId, 0, 1), counted('key_never', 0, 1));
        expect(await ofKey(keyId)).toEqual(['0 VALID 1']);
        expect(await ofAccount()).toEqual(['0 VALID 1']);
      });

      test('while it is counted stops neither', async () => {
        const keys = await Promise.all(Array.from({ length: 10 }, insertKey));
        const stays = await insertKey();
        const adding = Array.from({ length: 20 }, (_, turn) =>
          add(...[...keys, stays].map((keyId) => counted(keyId, turn % 3, 1))),
        );
        await Promise.all([...adding, ...keys.map(remove)]);
        expect(await ofKey(stays, 'day')).toEqual(['0 VALID 20']);
        expect(await Promise.all(keys.map((keyId) => ofKey(keyId)))).toEqual(keys.map(() => undefined));
      }, 30_000);
    });

    describe('what has been kept for long enough', () => {
      let keyId: string;
      const daysAgo = (days: number) => Math.floor((Date.now() - days * DAY_MS) / HOUR_MS) * HOUR_MS;
      const since = new Date(daysAgo(500));
      beforeAll(async () => {
        while (await storage().usage.prune());
      });

      test('is forgotten: hours after 90 days and days after 400, of keys and of accounts', async () => {
        keyId = await insertKey();
        const ages = [1, 90, 95, 399, 405];
        await add(...ages.map((days) => ({ ...counted(keyId, 0, days), hour: new Date(daysAgo(days)) })));
        while (await storage().usage.prune());
        const kept = async (granularity: Granularity) => [
          (await storage().usage.ofKey(accountId, keyId, span(granularity, since, new Date())))?.map(({ count }) => count),
          (await storage().usage.ofAccount(accountId, span(granularity, since, new Date()))).map(({ count }) => count),
        ];
        expect(await kept('hour')).toEqual([
          [90, 1],
          [90, 1],
        ]);
        expect(await kept('day')).toEqual([
          [399, 95, 90, 1],
          [399, 95, 90, 1],
        ]);
      });
    });
  });
}

/** `hours from midnight, outcome, count` */
function written({ start, outcome, count }: { readonly start: Date; readonly outcome: string; readonly count: number }): string {
  return `${(start.getTime() - MIDNIGHT) / HOUR_MS} ${outcome} ${count}`;
}
