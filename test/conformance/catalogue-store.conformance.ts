import { ANY_SCOPES, ConflictError, MAX_FORMATS, NotFoundError, type PolicyChanges, STARTING_FORMATS } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const FORMAT = { name: 'house', prefix: 'hs', environments: ['prod', 'dev'], encoding: 'hex64' } as const;

export function catalogueStoreConformance(storage: () => StorageHarness): void {
  describe('CatalogueStore', () => {
    let accountId: string;
    let strangers: string;
    beforeEach(async () => {
      accountId = await storage().account();
      strangers = await storage().account();
    });

    test('a format that is added is there, for its account alone', async () => {
      await storage().catalogue.addFormat(accountId, FORMAT, BY);
      expect(await storage().catalogue.formats(accountId)).toContainEqual(FORMAT);
      expect(await storage().catalogue.formats(strangers)).toHaveLength(STARTING_FORMATS.length);
    });

    test('a second format of a name is a conflict, and the first one stays', async () => {
      await storage().catalogue.addFormat(accountId, FORMAT, BY);
      await expect(storage().catalogue.addFormat(accountId, { ...FORMAT, prefix: 'other' }, BY)).rejects.toThrow(ConflictError);
      expect(await storage().catalogue.formats(accountId)).toContainEqual(FORMAT);
    });

    test('an account has only so many formats, however many are added at once', async () => {
      const free = MAX_FORMATS - STARTING_FORMATS.length;
      const adding = Array.from({ length: free + 3 }, (_, index) => ({ ...FORMAT, name: `f${index}`, prefix: `f${index}` }));
      const outcomes = await Promise.allSettled(adding.map((format) => storage().catalogue.addFormat(accountId, format, BY)));
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(refused.map(({ reason }) => reason as unknown)).toEqual([1, 2, 3].map(() => expect.any(ConflictError)));
      expect(await storage().catalogue.formats(accountId)).toHaveLength(MAX_FORMATS);
      await expect(storage().catalogue.addFormat(strangers, FORMAT, BY)).resolves.toBeDefined();
    });

    test('products come oldest first, for their account alone', async () => {
      const added = [];
      for (const id of ['zeta', 'alpha', 'mid'])
        added.push(await storage().catalogue.addProduct(accountId, { id, name: `Product ${id}` }, BY));
      await storage().catalogue.addProduct(strangers, { id: 'theirs', name: 'Theirs' }, BY);
      expect(await storage().catalogue.products(accountId)).toEqual(added);
      expect(added.map(({ id, name }) => ({ id, name }))[0]).toEqual({ id: 'zeta', name: 'Product zeta' });
    });

    test('a second product of an id is a conflict within the account, and none in another', async () => {
      await storage().catalogue.addProduct(accountId, { id: 'shirt', name: 'Shirt' }, BY);
      await expect(storage().catalogue.addProduct(accountId, { id: 'shirt', name: 'Again' }, BY)).rejects.toThrow(ConflictError);
      await expect(storage().catalogue.addProduct(strangers, { id: 'shirt', name: 'Theirs' }, BY)).resolves.toMatchObject({
        name: 'Theirs',
      });
    });

    test('known products are those of the account alone', async () => {
      await storage().catalogue.addProduct(accountId, { id: 'mine', name: 'Mine' }, BY);
      await storage().catalogue.addProduct(strangers, { id: 'theirs', name: 'Theirs' }, BY);
      expect(await storage().catalogue.knownProducts(accountId, ['mine', 'theirs', 'nobody’s'])).toEqual(new Set(['mine']));
      expect(await storage().catalogue.knownProducts(accountId, [])).toEqual(new Set());
    });

    test('scopes come by group and name, for their account alone', async () => {
      const scope = (name: string, group: string) => ({ name, group, description: `May ${name}.` });
      for (const one of [scope('b:write', 'B'), scope('a:write', 'A'), scope('b:read', 'B')])
        await storage().catalogue.addScope(accountId, one, BY);
      expect(await storage().catalogue.scopes(accountId)).toEqual([
        scope('a:write', 'A'),
        scope('b:read', 'B'),
        scope('b:write', 'B'),
      ]);
      expect(await storage().catalogue.scopes(strangers)).toEqual([]);
    });

    test('a second scope of a name is a conflict', async () => {
      const scope = { name: 'a:read', group: 'A', description: '' };
      await storage().catalogue.addScope(accountId, scope, BY);
      await expect(storage().catalogue.addScope(accountId, { ...scope, group: 'B' }, BY)).rejects.toThrow(ConflictError);
    });

    test('the default format can be any of the account’s own', async () => {
      const changed = await storage().catalogue.setPolicy(accountId, { defaultFormat: 'garmint' }, BY);
      expect(changed).toMatchObject({ defaultFormat: 'garmint' });
      expect(await storage().catalogue.policy(accountId)).toEqual(changed);
    });

    test('an offer is the formats, the names of the scopes and the policy, of its account alone', async () => {
      await storage().catalogue.addFormat(accountId, FORMAT, BY);
      await storage().catalogue.addScope(accountId, { name: 'a:read', group: 'A', description: '' }, BY);
      const { catalogue } = storage();
      const [formats, policy] = [await catalogue.formats(accountId), await catalogue.policy(accountId)];
      expect(await catalogue.offer(accountId)).toEqual({ formats, scopes: ['a:read'], policy });
      expect(await catalogue.offer(strangers)).toMatchObject({ scopes: [] });
    });

    test('a policy begins with rotation after 90 days and no other rule', async () => {
      expect(await storage().catalogue.policy(accountId)).toEqual({
        defaultFormat: 'default',
        maxLifetimeDays: null,
        expiryRequired: false,
        cidrRequired: false,
        rotationDays: 90,
        allowedScopesByRole: ANY_SCOPES,
      });
    });

    test('what a change of the policy does not name stays, for each role too, whichever changes come at once', async () => {
      const changes: PolicyChanges[] = [
        { maxLifetimeDays: 30 },
        { expiryRequired: true },
        { cidrRequired: true },
        { rotationDays: null },
        { allowedScopesByRole: { developer: ['garments:*'] } },
        { allowedScopesByRole: { managementKey: [] } },
      ];
      await Promise.all(changes.map((change) => storage().catalogue.setPolicy(accountId, change, BY)));
      expect(await storage().catalogue.policy(accountId)).toEqual({
        defaultFormat: 'default',
        maxLifetimeDays: 30,
        expiryRequired: true,
        cidrRequired: true,
        rotationDays: null,
        allowedScopesByRole: { ...ANY_SCOPES, developer: ['garments:*'], managementKey: [] },
      });
      expect(await storage().catalogue.policy(strangers)).toMatchObject({ maxLifetimeDays: null, rotationDays: 90 });
    });

    test('what differs in a policy is put down in the record', async () => {
      await storage().catalogue.setPolicy(accountId, { rotationDays: 30, expiryRequired: false }, BY);
      const { entries } = await storage().audit.list(accountId, { action: 'policy.changed' }, { limit: 9, before: null });
      expect(entries.map(({ change }) => JSON.parse(change.text ?? '') as unknown)).toEqual([
        { before: { rotationDays: 90 }, after: { rotationDays: 30 } },
      ]);
    });

    test('a default format that the account does not have is not found, and the former one stays', async () => {
      await storage().catalogue.addFormat(strangers, FORMAT, BY);
      await expect(storage().catalogue.setPolicy(accountId, { defaultFormat: FORMAT.name }, BY)).rejects.toThrow(NotFoundError);
      expect(await storage().catalogue.policy(accountId)).toMatchObject({ defaultFormat: 'default' });
    });
  });
}
