import { beforeAll, describe, expect, test } from '@jest/globals';
import { aDigest, aKey, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

export function secretUpkeepConformance(storage: () => StorageHarness): void {
  describe('SecretUpkeep', () => {
    let accountId: string;
    beforeAll(async () => {
      accountId = await storage().account();
    });

    async function insertKey() {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const lastUsedAt = async () => (await storage().keys.find(accountId, key.id))?.secrets[0]?.lastUsedAt;
      return { key, lastUsedAt, use: (at: Date) => ({ secretId: key.secret.id, keyId: key.id, at }) };
    }
    const early = new Date('2026-01-01T00:00:00.001Z');
    const middle = new Date('2026-01-01T00:00:00.002Z');
    const late = new Date('2026-01-01T00:00:00.003Z');

    test('a secret that nobody has used has no last use', async () => {
      const { lastUsedAt } = await insertKey();
      expect(await lastUsedAt()).toBeNull();
    });

    test('keeps the latest of several uses, in whatever order they come', async () => {
      const { use, lastUsedAt } = await insertKey();
      await storage().upkeep.recordUses([use(middle), use(late), use(early)]);
      expect(await lastUsedAt()).toEqual(late);
    });

    test('an earlier use that is told later changes nothing', async () => {
      const { use, lastUsedAt } = await insertKey();
      await storage().upkeep.recordUses([use(late)]);
      await storage().upkeep.recordUses([use(early)]);
      expect(await lastUsedAt()).toEqual(late);
    });

    test('uses of deleted secrets are dropped, and the others kept', async () => {
      const { use, lastUsedAt } = await insertKey();
      await storage().upkeep.recordUses([{ secretId: 'sec_gone', keyId: 'key_gone', at: late }, use(early)]);
      expect(await lastUsedAt()).toEqual(early);
    });

    test('no uses at all are nothing', async () => {
      await expect(storage().upkeep.recordUses([])).resolves.toBeUndefined();
    });

    test('many verifiers that tell of overlapping secrets at once all succeed', async () => {
      const keys: Awaited<ReturnType<typeof insertKey>>[] = [];
      while (keys.length < 300) keys.push(...(await Promise.all(Array.from({ length: 20 }, insertKey))));
      const told = Array.from({ length: 40 }, (_, verifier) => {
        const some = verifier % 2 === 0 ? keys : keys.slice(verifier).reverse();
        return some.map(({ use }) => use(new Date(late.getTime() + verifier)));
      });
      await Promise.all(told.map((uses) => storage().upkeep.recordUses(uses)));
      expect(await keys.at(-1)?.lastUsedAt()).toEqual(new Date(late.getTime() + 39));
    });

    test('a moved digest is found under the new pepper and no longer under the old one', async () => {
      const { key } = await insertKey();
      const to = aDigest('p2');
      await storage().upkeep.moveDigest(key.secret.id, key.secret.digest, to);
      const { found } = await storage().lookup.find([key.secret.digest.digest, to.digest]);
      expect(found).toMatchObject([{ digest: to.digest, pepperId: 'p2', record: { secretId: key.secret.id } }]);
    });

    test('a digest that has moved already stays where it is', async () => {
      const { key } = await insertKey();
      const to = aDigest('p2');
      await storage().upkeep.moveDigest(key.secret.id, key.secret.digest, to);
      await storage().upkeep.moveDigest(key.secret.id, key.secret.digest, aDigest('p3'));
      const { found } = await storage().lookup.find([to.digest]);
      expect(found).toMatchObject([{ pepperId: 'p2' }]);
    });

    test('moving a deleted secret does nothing', async () => {
      await expect(storage().upkeep.moveDigest('sec_gone', aDigest(), aDigest('p2'))).resolves.toBeUndefined();
    });
  });
}
