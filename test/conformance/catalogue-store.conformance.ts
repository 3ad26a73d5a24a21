import {
  ANY_SCOPES,
  ConflictError,
  MAX_FORMATS,
  MAX_PRODUCTS,
  MAX_SCOPES,
  NotFoundError,
  OfferChangedError,
  type PolicyChanges,
  STARTING_FORMATS,
} from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { aDigest, aKey, anEmail, BY } from './factories.js';
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

    describe('what is taken out of the catalogue', () => {
      test('a format that no key has and that is not the default is gone, with a change of the account', async () => {
        const { catalogue, keys } = storage();
        await catalogue.addFormat(accountId, FORMAT, BY);
        await keys.insert(aKey(accountId), BY);
        await catalogue.setPolicy(accountId, { defaultFormat: 'garmint' }, BY);
        const { scope } = (await catalogue.removeFormat(accountId, FORMAT.name, BY)) ?? {};
        expect(scope).toEqual({ kind: 'account', accountId });
        await expect(catalogue.removeFormat(accountId, 'garmint', BY)).rejects.toThrow(ConflictError);
        await expect(catalogue.removeFormat(accountId, 'default', BY)).rejects.toThrow(ConflictError);
        expect((await catalogue.formats(accountId)).map(({ name }) => name)).toEqual(['default', 'garmint', 'keymint']);
      });

      test('a product goes once no key that is not revoked lists it', async () => {
        const { catalogue, keys } = storage();
        await catalogue.addProduct(accountId, { id: 'shirt', name: 'Shirt' }, BY);
        const { id } = await keys.insert(aKey(accountId, { products: ['shirt'] }), BY);
        await expect(catalogue.removeProduct(accountId, 'shirt', BY)).rejects.toThrow(ConflictError);
        await keys.revoke(accountId, id, { reason: 'superseded', description: null }, BY);
        expect(await catalogue.removeProduct(accountId, 'shirt', BY)).toMatchObject({ id: 'shirt', name: 'Shirt' });
        expect(await catalogue.products(accountId)).toEqual([]);
      });

      test('a scope goes, and stays on the keys that hold it', async () => {
        const { catalogue, keys } = storage();
        const scope = { name: 'a:read', group: 'A', description: '' };
        await catalogue.addScope(accountId, scope, BY);
        const { id } = await keys.insert(aKey(accountId, { scopes: ['a:read'] }), BY);
        expect(await catalogue.removeScope(accountId, 'a:read', BY)).toEqual(scope);
        expect(await catalogue.scopes(accountId)).toEqual([]);
        expect((await keys.find(accountId, id))?.scopes).toEqual(['a:read']);
      });
    });

    test('a product is renamed, and the group and description of a scope are changed', async () => {
      const { catalogue } = storage();
      const product = await catalogue.addProduct(accountId, { id: 'shirt', name: 'Shirt' }, BY);
      await catalogue.addScope(accountId, { name: 'a:read', group: 'A', description: 'Read.' }, BY);
      expect(await catalogue.renameProduct(accountId, 'shirt', 'Blouse', BY)).toEqual({ ...product, name: 'Blouse' });
      expect(await catalogue.products(accountId)).toEqual([{ ...product, name: 'Blouse' }]);
      const changed = await catalogue.changeScope(accountId, 'a:read', { group: 'B' }, BY);
      expect(changed).toEqual({ name: 'a:read', group: 'B', description: 'Read.' });
      expect(await catalogue.scopes(accountId)).toEqual([changed]);
    });

    test('what an account lacks is neither changed nor removed, and puts nothing down', async () => {
      const { catalogue, audit } = storage();
      await catalogue.addProduct(strangers, { id: 'theirs', name: 'Theirs' }, BY);
      await catalogue.addScope(strangers, { name: 'a:read', group: 'A', description: '' }, BY);
      expect([
        await catalogue.removeFormat(accountId, 'none', BY),
        await catalogue.renameProduct(accountId, 'theirs', 'Mine', BY),
        await catalogue.removeProduct(accountId, 'theirs', BY),
        await catalogue.changeScope(accountId, 'a:read', { group: 'B' }, BY),
        await catalogue.removeScope(accountId, 'a:read', BY),
      ]).toEqual([null, null, null, null, null]);
      expect((await audit.head(accountId)).number).toBe(0);
      expect(await catalogue.products(strangers)).toHaveLength(1);
      expect(await catalogue.scopes(strangers)).toHaveLength(1);
    });

    test('of several scopes those that the account lacks are added, once, whoever adds them at once', async () => {
      const { catalogue, audit } = storage();
      const scopes = ['a:read', 'a:write', 'b:read'].map((name) => ({ name, group: 'T', description: name }));
      const own = { name: 'a:write', group: 'Own', description: 'Ours.' };
      await catalogue.addScope(accountId, own, BY);
      const added = await Promise.all([1, 2, 3].map(() => catalogue.addMissingScopes(accountId, scopes, BY)));
      expect(
        added
          .flat()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['a:read', 'b:read']);
      expect(await catalogue.scopes(accountId)).toEqual([own, scopes[0], scopes[2]]);
      expect((await audit.head(accountId)).number).toBe(3);
    });

    test('an account has only so many products, however many are added at once', async () => {
      const add = (index: number) => storage().catalogue.addProduct(accountId, { id: `p${index}`, name: 'P' }, BY);
      for (let index = 0; index < MAX_PRODUCTS - 1; index += 1) await add(index);
      const outcomes = await Promise.allSettled([1, 2, 3].map((more) => add(MAX_PRODUCTS + more)));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(await storage().catalogue.products(accountId)).toHaveLength(MAX_PRODUCTS);
    });

    test('an account has only so many scopes: of several that are too many none is added', async () => {
      const { catalogue } = storage();
      const scope = (index: number) => ({ name: `s${index}:read`, group: 'S', description: '' });
      const scopes = Array.from({ length: MAX_SCOPES - 1 }, (_, index) => scope(index));
      await catalogue.addMissingScopes(accountId, scopes, BY);
      const more = [scope(MAX_SCOPES), scope(MAX_SCOPES + 1)];
      await expect(catalogue.addMissingScopes(accountId, more, BY)).rejects.toThrow(ConflictError);
      expect(await catalogue.scopes(accountId)).toHaveLength(MAX_SCOPES - 1);
      const outcomes = await Promise.allSettled(more.map((one) => catalogue.addScope(accountId, one, BY)));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test('the roles of people are those that they have in the account', async () => {
      const hashed = { passwordHash: '$argon2id$not-a-real-hash' };
      const member = await storage().person({ email: anEmail(), ...hashed }, [
        { accountId, role: 'viewer' },
        { accountId: strangers, role: 'owner' },
      ]);
      const other = await storage().person({ email: anEmail(), ...hashed }, [{ accountId: strangers, role: 'admin' }]);
      expect(await storage().catalogue.rolesOf(accountId, [member, other])).toEqual(new Map([[member, 'viewer']]));
      expect(await storage().catalogue.rolesOf(accountId, [])).toEqual(new Map());
    });

    test('an offer knows those products of the account that it is asked about', async () => {
      const { catalogue } = storage();
      await catalogue.addProduct(accountId, { id: 'mine', name: 'Mine' }, BY);
      await catalogue.addProduct(accountId, { id: 'other', name: 'Other' }, BY);
      await catalogue.addProduct(strangers, { id: 'theirs', name: 'Theirs' }, BY);
      expect((await catalogue.offer(accountId, ['mine', 'theirs', 'nobody’s'])).products).toEqual(new Set(['mine']));
      expect((await catalogue.offer(accountId, [])).products).toEqual(new Set());
    });

    test('of an account that does not exist there is no offer', async () => {
      await expect(storage().catalogue.offer('acc_none', [])).rejects.toThrow(NotFoundError);
    });

    test('an offer is the formats, the names of the scopes and the policy, of its account alone', async () => {
      await storage().catalogue.addFormat(accountId, FORMAT, BY);
      await storage().catalogue.addScope(accountId, { name: 'a:read', group: 'A', description: '' }, BY);
      const { catalogue } = storage();
      const [formats, policy] = [await catalogue.formats(accountId), await catalogue.policy(accountId)];
      expect(await catalogue.offer(accountId, [])).toMatchObject({ formats, scopes: ['a:read'], policy });
      expect(await catalogue.offer(strangers, [])).toMatchObject({ scopes: [] });
    });

    test.each<[string, (accountId: string) => Promise<unknown>]>([
      ['the policy changes', (id) => storage().catalogue.setPolicy(id, { expiryRequired: true }, BY)],
      ['a scope goes', (id) => storage().catalogue.removeScope(id, 'a:read', BY)],
      ['a product goes', (id) => storage().catalogue.removeProduct(id, 'shirt', BY)],
      ['a format goes', (id) => storage().catalogue.removeFormat(id, FORMAT.name, BY)],
    ])('where %s, no key is made or changed by the offer before', async (_, changes) => {
      const { catalogue, keys, imports, audit } = storage();
      await catalogue.addScope(accountId, { name: 'a:read', group: 'A', description: '' }, BY);
      await catalogue.addProduct(accountId, { id: 'shirt', name: 'Shirt' }, BY);
      await catalogue.addFormat(accountId, FORMAT, BY);
      const { version } = await catalogue.offer(accountId, []);
      const { id } = await keys.insert(aKey(accountId), BY, version);
      await changes(accountId);
      const { number } = await audit.head(accountId);
      const imported = { ...aKey(accountId), createdAt: null, lineKey: null, digests: [aDigest()] };
      await expect(keys.insert(aKey(accountId), BY, version)).rejects.toThrow(OfferChangedError);
      await expect(keys.change(accountId, id, () => ({ name: 'other' }), BY, version)).rejects.toThrow(OfferChangedError);
      await expect(imports.importKeys(accountId, [imported], false, BY, version)).rejects.toThrow(OfferChangedError);
      expect((await keys.list(accountId, {}, { limit: 9, before: null })).keys.map(({ name }) => name)).toEqual(['a key']);
      expect((await audit.head(accountId)).number).toBe(number);
      const now = await catalogue.offer(accountId, []);
      await expect(keys.change(accountId, id, () => ({ name: 'other' }), BY, now.version)).resolves.toBeDefined();
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
