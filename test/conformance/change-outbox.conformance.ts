import { beforeEach, describe, expect, test } from '@jest/globals';
import { aKey, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const NONE = { reason: 'unspecified', description: null } as const;

export function changeOutboxConformance(storage: () => StorageHarness): void {
  describe('ChangeOutbox', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
      const left = await storage().outbox.unpublished(0, 10_000);
      await storage().outbox.markPublished(left.map(({ place }) => place));
    });
    const change = async () => {
      const { id } = await storage().keys.insert(aKey(accountId), BY);
      return storage().keys.lastChange(accountId, id);
    };

    test('a change is in it from its commit until it is marked, the oldest first', async () => {
      const [first, second] = [await change(), await change()];
      expect(await storage().outbox.unpublished(0, 10)).toEqual([first, second]);
      expect(await storage().outbox.unpublished(0, 1)).toEqual([first]);
      await storage().outbox.markPublished([first?.place ?? NaN]);
      expect(await storage().outbox.unpublished(0, 10)).toEqual([second]);
    });

    test('whoever has just committed a change is given time to publish it', async () => {
      await change();
      expect(await storage().outbox.unpublished(60_000, 10)).toEqual([]);
    });

    test('what is published and old is forgotten, up to the first that is not', async () => {
      const changes = [await change(), await change(), await change()].map((one) => one?.place ?? NaN);
      await storage().outbox.markPublished([changes[0] ?? NaN, changes[2] ?? NaN]);
      await storage().outbox.trim(3_600_000, false);
      expect(await storage().places()).toEqual(expect.arrayContaining(changes));
      while ((await storage().outbox.trim(0, false)) > 0);
      expect(await storage().places()).toEqual(changes.slice(1));
      expect((await storage().outbox.unpublished(0, 10)).map(({ place }) => place)).toEqual([changes[1]]);
    });

    test('the last change is never forgotten: whoever repeats a call still waits for it', async () => {
      const { id } = await storage().keys.insert(aKey(accountId), BY);
      const last = (await storage().keys.revoke(accountId, id, NONE, BY))?.change;
      while ((await storage().outbox.trim(0, true)) > 0);
      expect(await storage().places()).toEqual([last?.place]);
      expect(await storage().keys.lastChange(accountId, id)).toEqual(last);
    });

    test('many changes are forgotten in lots', async () => {
      await storage().noteChanges(1_050);
      expect(await storage().outbox.trim(0, true)).toBe(1_000);
      expect(await storage().outbox.trim(0, true)).toBeGreaterThanOrEqual(49);
      expect(await storage().places()).toHaveLength(1);
    });
  });

  describe('ChangeLogChoice', () => {
    test('of twenty that choose at once one chooses for all, and for good', async () => {
      const { logChoice } = await storage().empty();
      expect(await logChoice.chosen()).toBeNull();
      const chosen = await Promise.all(Array.from({ length: 20 }, (_, index) => logChoice.choose(`log ${index}`)));
      expect(new Set(chosen).size).toBe(1);
      expect(await logChoice.chosen()).toBe(chosen[0]);
      expect(await logChoice.choose('another')).toBe(chosen[0]);
    });
  });
}
