import { newId, STARTING_FORMATS } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { aDigest, aKey, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

export function tokenRulesSourceConformance(storage: () => StorageHarness): void {
  describe('TokenRulesSource', () => {
    test("tells the account's formats, and none of another's", async () => {
      const accountId = await storage().account();
      await storage().catalogue.addFormat(
        await storage().account(),
        {
          name: 'x',
          prefix: 'x',
          environments: [],
          encoding: 'base62',
        },
        BY,
      );
      const rules = await storage().rules.rulesOf(accountId);
      expect(rules.holdsImported).toBe(false);
      expect(rules.formats).toHaveLength(STARTING_FORMATS.length);
      expect(rules.formats).toEqual(expect.arrayContaining([...STARTING_FORMATS]));
    });

    test('keeps the order of environments', async () => {
      const accountId = await storage().account();
      await storage().catalogue.addFormat(
        accountId,
        {
          name: 'x',
          prefix: 'x',
          environments: ['test', 'live', 'dev'],
          encoding: 'hex64',
        },
        BY,
      );
      const { formats } = await storage().rules.rulesOf(accountId);
      expect(formats).toContainEqual({ name: 'x', prefix: 'x', environments: ['test', 'live', 'dev'], encoding: 'hex64' });
    });

    test('an imported secret counts for its own account alone', async () => {
      const [accountId, other] = [await storage().account(), await storage().account()];
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      await storage().addSecret({ id: newId('sec'), accountId, keyId: key.id, ...aDigest(), endsAt: null, imported: true });
      expect((await storage().rules.rulesOf(accountId)).holdsImported).toBe(true);
      expect((await storage().rules.rulesOf(other)).holdsImported).toBe(false);
    });

    test('an account that does not exist has no formats', async () => {
      expect(await storage().rules.rulesOf('acc_none')).toEqual({ formats: [], holdsImported: false });
    });
  });
}
