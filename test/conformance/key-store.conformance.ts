import { type ChangedKey, ConflictError, ForbiddenError, type Key, type KeyStore, newId, NotFoundError } from '#libs/key-domain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { aDigest, aKey, anybody, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const REVOCATION = { reason: 'key_compromise', description: 'found in a public repository' } as const;

export function keyStoreConformance(storage: () => StorageHarness): void {
  const theKeys = () => withoutJournal(storage().keys);

  describe('KeyStore', () => {
    let accountId: string;
    let strangers: string;
    beforeAll(async () => {
      accountId = await storage().account();
      strangers = await storage().account();
    });

    test('a key is found as it was inserted, with the store’s time of creation', async () => {
      const before = await theKeys().now();
      const { secret, ...given } = aKey(accountId, {
        scopes: ['b:read', 'a:*'],
        products: ['two', 'one'],
        ownerId: 'customer-7',
        metadata: { team: 'looms', depth: { n: 1.5, list: [true, null] } },
        allowedCidrs: ['192.0.2.0/24'],
        enabled: false,
        expiresAt: new Date('2030-01-02T03:04:05.678Z'),
      });
      const inserted = await theKeys().insert({ ...given, secret }, BY);
      expect(inserted).toEqual({
        ...given,
        createdAt: expect.any(Date),
        createdBy: BY.actor,
        revokedAt: null,
        revocationReason: null,
        revocationDescription: null,
        secrets: [{ id: secret.id, lastFour: 'abcd', createdAt: expect.any(Date), endsAt: null, lastUsedAt: null }],
      });
      expect(inserted.createdAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
      expect(inserted.createdAt.getTime()).toBeLessThanOrEqual((await theKeys().now()).getTime());
      expect(await theKeys().find(accountId, given.id)).toEqual(inserted);
    });

    test('a key for every product keeps that', async () => {
      const key = await theKeys().insert(aKey(accountId, { products: 'all' }), BY);
      expect(key.products).toBe('all');
    });

    test('secrets come newest first', async () => {
      const key = aKey(accountId);
      await theKeys().insert(key, BY);
      const newer = [newId('sec'), newId('sec')];
      for (const id of newer)
        await storage().addSecret({ id, accountId, keyId: key.id, ...aDigest(), endsAt: null, imported: false });
      const ids = (await theKeys().find(accountId, key.id))?.secrets.map((secret) => secret.id);
      expect(ids).toEqual([newer[1], newer[0], key.secret.id]);
    });

    test('a key of an account that does not exist is refused, and nothing of it is stored', async () => {
      const key = aKey('acc_none');
      await expect(theKeys().insert(key, BY)).rejects.toThrow(NotFoundError);
      expect((await storage().lookup.find([key.secret.digest.digest])).found).toEqual([]);
    });

    test('a key whose secret can’t be stored is not stored either', async () => {
      const first = aKey(accountId);
      await theKeys().insert(first, BY);
      const second = aKey(accountId, { secret: { ...first.secret, id: newId('sec') } });
      await expect(theKeys().insert(second, BY)).rejects.toThrow();
      expect(await theKeys().find(accountId, second.id)).toBeNull();
    });

    describe('for another account', () => {
      test('a key is absent, whatever is done to it, and stays as it was', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        expect(await theKeys().find(strangers, key.id)).toBeNull();
        expect(await theKeys().change(strangers, key.id, () => ({ enabled: false }), BY)).toBeNull();
        expect(await theKeys().revoke(strangers, key.id, REVOCATION, BY)).toBeNull();
        expect(await theKeys().delete(strangers, key.id, REVOCATION, anybody, BY)).toBeNull();
        expect((await theKeys().list(strangers, {}, { limit: 200, before: null })).keys).toEqual([]);
        expect(await theKeys().find(accountId, key.id)).toEqual(key);
      });
    });

    describe('list', () => {
      let listed: string;
      let newestFirst: string[];
      beforeAll(async () => {
        listed = await storage().account();
        const keys = Array.from({ length: 7 }, () => aKey(listed));
        for (const key of keys) await theKeys().insert(key, BY);
        const [two] = keys;
        if (two)
          await storage().addSecret({
            id: newId('sec'),
            accountId: listed,
            keyId: two.id,
            ...aDigest(),
            endsAt: null,
            imported: false,
          });
        newestFirst = keys.map((key) => key.id).reverse();
      });
      const page = async (limit: number, before: string | null) => {
        const { keys, hasMore } = await theKeys().list(listed, {}, { limit, before });
        return { ids: keys.map((key) => key.id), hasMore };
      };

      test('pages are newest first, without gap or repetition, to the end', async () => {
        const first = await page(3, null);
        const second = await page(3, first.ids.at(-1) ?? null);
        const third = await page(3, second.ids.at(-1) ?? null);
        expect([first, second, third].map(({ hasMore }) => hasMore)).toEqual([true, true, false]);
        expect([first, second, third].flatMap(({ ids }) => ids)).toEqual(newestFirst);
      });

      test('a page that is exactly full has no more', async () => {
        expect(await page(7, null)).toEqual({ ids: newestFirst, hasMore: false });
      });

      test('keys that are made meanwhile don’t shift a page', async () => {
        const first = await page(2, null);
        const added = await theKeys().insert(aKey(listed), BY);
        expect((await page(2, first.ids[1] ?? null)).ids).toEqual(newestFirst.slice(2, 4));
        await theKeys().delete(listed, added.id, REVOCATION, anybody, BY);
      });

      test('a page goes on where its key was deleted', async () => {
        const gone = await theKeys().insert(aKey(listed), BY);
        await theKeys().delete(listed, gone.id, REVOCATION, anybody, BY);
        expect((await page(2, gone.id)).ids).toEqual(newestFirst.slice(0, 2));
      });

      test('an account without keys has an empty page', async () => {
        const empty = { keys: [], hasMore: false, now: expect.any(Date) };
        expect(await theKeys().list(strangers, {}, { limit: 10, before: null })).toEqual(empty);
      });
    });

    describe('change', () => {
      test('changes what is named, and a verification that begins afterwards sees it', async () => {
        const key = aKey(accountId, { scopes: ['a:read', 'a:write'], products: 'all' });
        const stored = await theKeys().insert(key, BY);
        const changes = {
          name: 'other',
          scopes: ['a:read'],
          products: ['one'],
          metadata: { team: 'dyers' },
          allowedCidrs: ['192.0.2.0/24'],
          expiresAt: new Date('2031-01-01T00:00:00.000Z'),
          enabled: false,
        };
        expect(await theKeys().change(accountId, key.id, () => changes, BY)).toEqual({ ...stored, ...changes });
        const { found } = await storage().lookup.find([key.secret.digest.digest]);
        const { name, scopes, products, allowedCidrs, enabled } = changes;
        const seen = { name, scopes, products, allowedCidrs, enabled, expiresAt: changes.expiresAt.getTime() };
        expect(found[0]?.record).toMatchObject(seen);
      });

      test('leaves what is not named', async () => {
        const stored = await theKeys().insert(aKey(accountId, { products: ['one'], expiresAt: new Date('2031-01-01') }), BY);
        expect(await theKeys().change(accountId, stored.id, () => ({ enabled: false }), BY)).toEqual({
          ...stored,
          enabled: false,
        });
        expect(await theKeys().change(accountId, stored.id, () => ({}), BY)).toEqual({ ...stored, enabled: false });
        expect((await theKeys().change(accountId, stored.id, () => ({ expiresAt: null }), BY))?.expiresAt).toBeNull();
      });

      test('a revoked key stays as it is', async () => {
        const { id } = await theKeys().insert(aKey(accountId), BY);
        const revoked = await theKeys().revoke(accountId, id, REVOCATION, BY);
        await expect(theKeys().change(accountId, id, () => ({ name: 'other' }), BY)).rejects.toThrow(ConflictError);
        await expect(theKeys().change(accountId, id, () => ({}), BY)).rejects.toThrow(ConflictError);
        expect(await theKeys().find(accountId, id)).toEqual(revoked);
      });

      test('changes of one key at once all stay, each in its field', async () => {
        const { id } = await theKeys().insert(aKey(accountId), BY);
        const store = theKeys();
        await Promise.all([
          store.change(accountId, id, () => ({ name: 'other' }), BY),
          store.change(accountId, id, () => ({ enabled: false }), BY),
          store.change(accountId, id, () => ({ scopes: ['b:read'] }), BY),
        ]);
        expect(await store.find(accountId, id)).toMatchObject({ name: 'other', enabled: false, scopes: ['b:read'] });
      });

      test('each change is planned on the key as the one before it left it, and one that is refused leaves it so', async () => {
        const { id } = await theKeys().insert(aKey(accountId, { name: '' }), BY);
        const store = theKeys();
        const longer = ({ name }: Key) => ({ name: `${name}x` });
        await Promise.all(Array.from({ length: 20 }, () => store.change(accountId, id, longer, BY)));
        const refusing = () => {
          throw new ConflictError('refused');
        };
        await expect(store.change(accountId, id, refusing, BY)).rejects.toThrow('refused');
        expect((await store.find(accountId, id))?.name).toBe('x'.repeat(20));
      });

      test('a key that does not exist is none', async () => {
        expect(await theKeys().change(accountId, 'key_none', () => ({ name: 'other' }), BY)).toBeNull();
      });
    });

    describe('revoke', () => {
      test('revokes at the store’s clock, with reason and description', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        const revoked = await theKeys().revoke(accountId, key.id, REVOCATION, BY);
        expect(revoked).toEqual({
          ...key,
          revokedAt: expect.any(Date),
          revocationReason: REVOCATION.reason,
          revocationDescription: REVOCATION.description,
        });
        expect(revoked?.revokedAt?.getTime()).toBeGreaterThanOrEqual(key.createdAt.getTime());
        expect(await theKeys().find(accountId, key.id)).toEqual(revoked);
      });

      test('a repetition keeps the first revocation', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        const first = await theKeys().revoke(accountId, key.id, REVOCATION, BY);
        expect(await theKeys().revoke(accountId, key.id, { reason: 'superseded', description: null }, BY)).toEqual(first);
      });

      test('of many at once one stays, and all of them see it', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            theKeys().revoke(accountId, key.id, { reason: 'unspecified', description: `${n}` }, BY),
          ),
        );
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      });

      test('a key that does not exist is none', async () => {
        expect(await theKeys().revoke(accountId, 'key_none', REVOCATION, BY)).toBeNull();
      });
    });

    describe('delete', () => {
      test('returns the key as it last was, revoked, and leaves neither key nor secret', async () => {
        const key = aKey(accountId);
        const stored = await theKeys().insert(key, BY);
        const deleted = await theKeys().delete(accountId, key.id, REVOCATION, anybody, BY);
        expect(deleted).toEqual({
          ...stored,
          revokedAt: expect.any(Date),
          revocationReason: REVOCATION.reason,
          revocationDescription: REVOCATION.description,
        });
        expect(await theKeys().find(accountId, key.id)).toBeNull();
        expect((await storage().lookup.find([key.secret.digest.digest])).found).toEqual([]);
      });

      test('of a key that may not be, changes nothing', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        const refuse = (shown: Key) => {
          expect(shown).toEqual(key);
          throw new ForbiddenError('not yours');
        };
        await expect(theKeys().delete(accountId, key.id, REVOCATION, refuse, BY)).rejects.toThrow(ForbiddenError);
        expect(await theKeys().find(accountId, key.id)).toEqual(key);
      });

      test('keeps the first revocation of a key that was revoked before', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        const revoked = await theKeys().revoke(accountId, key.id, REVOCATION, BY);
        expect(await theKeys().delete(accountId, key.id, { reason: 'superseded', description: null }, anybody, BY)).toEqual(
          revoked,
        );
      });

      test('of many at once one deletes, and the others find nothing', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => theKeys().delete(accountId, key.id, REVOCATION, anybody, BY)),
        );
        expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      });

      test('a repetition finds nothing', async () => {
        const key = await theKeys().insert(aKey(accountId), BY);
        await theKeys().delete(accountId, key.id, REVOCATION, anybody, BY);
        expect(await theKeys().delete(accountId, key.id, REVOCATION, anybody, BY)).toBeNull();
      });
    });

    test('the clock goes forward', async () => {
      const first = await theKeys().now();
      expect((await theKeys().now()).getTime()).toBeGreaterThanOrEqual(first.getTime());
    });
  });
}

/** A store whose changes answer with the key alone. */
function withoutJournal(store: KeyStore) {
  const keyOf = async (changed: Promise<ChangedKey | null>): Promise<Key | null> => (await changed)?.key ?? null;
  return {
    insert: (...args: Parameters<KeyStore['insert']>) => store.insert(...args),
    find: (...args: Parameters<KeyStore['find']>) => store.find(...args),
    list: (...args: Parameters<KeyStore['list']>) => store.list(...args),
    change: (...args: Parameters<KeyStore['change']>) => keyOf(store.change(...args)),
    revoke: (...args: Parameters<KeyStore['revoke']>) => keyOf(store.revoke(...args)),
    delete: (...args: Parameters<KeyStore['delete']>) => keyOf(store.delete(...args)),
    now: () => store.now(),
  };
}
