import {
  type ImportedKey,
  lookupHandle,
  MAX_RECORDED_IDS,
  newId,
  OfferChangedError,
  type PepperedDigest,
} from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { aDigest, aKey, aSecret, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

/** A key of a former system. @param digests under every pepper, the current one first */
export function anImport(
  accountId: string,
  given: Partial<ImportedKey> = {},
  digests: readonly [PepperedDigest, ...PepperedDigest[]] = [aDigest()],
): ImportedKey {
  const secret = { ...aSecret(digests[0]), lastFour: null };
  return { ...aKey(accountId), createdAt: null, lineKey: null, secret, digests, ...given };
}

/** The same token once more, as another line of an import has it. */
function again(key: ImportedKey, given: Partial<ImportedKey> = {}): ImportedKey {
  return { ...key, id: newId('key'), secret: { ...key.secret, id: newId('sec') }, ...given };
}

const imported = ({ id }: ImportedKey) => ({ kind: 'imported', keyId: id });
const existing = ({ id }: ImportedKey) => ({ kind: 'existing', keyId: id });
const handleOf = ({ secret }: ImportedKey) => lookupHandle(secret.digest.digest);

export function keyImportStoreConformance(storage: () => StorageHarness): void {
  describe('KeyImportStore', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
    });
    const bring = (keys: readonly ImportedKey[], anew = false) => storage().imports.importKeys(accountId, keys, anew, BY);
    const outcomes = async (keys: readonly ImportedKey[]) => (await bring(keys)).outcomes;
    const entries = () => storage().audit.after(accountId, {}, 0, 100);

    test('keeps a key as it was given, with when the former system made it', async () => {
      const {
        secret,
        digests: _,
        lineKey: __,
        ...given
      } = anImport(accountId, {
        name: 'a\tname\\ of "two"\nlines',
        environment: 'production {1}',
        scopes: ['b:read', 'a:*'],
        products: ['two, three', 'one "and" \\'],
        ownerId: 'customer\\N',
        metadata: { team: 'looms\\', depth: { n: 1.5, list: [true, null, 'é😀\u2028'] } },
        allowedCidrs: ['192.0.2.0/24'],
        enabled: false,
        expiresAt: new Date('2030-01-02T03:04:05.678Z'),
        createdAt: new Date('2011-02-03T04:05:06.789Z'),
      });
      const key = { ...given, secret, digests: [secret.digest], lineKey: null };
      expect(await outcomes([key])).toEqual([imported(key)]);
      expect(await storage().keys.find(accountId, key.id)).toEqual({
        ...given,
        createdBy: BY.actor,
        revokedAt: null,
        revocationReason: null,
        revocationDescription: null,
        secrets: [{ id: secret.id, lastFour: null, createdAt: given.createdAt, endsAt: null, lastUsedAt: null }],
      });
      const { found } = await storage().lookup.find([secret.digest.digest]);
      expect(found).toMatchObject([{ record: { keyId: key.id, accountId } }]);
    });

    test('takes the store’s time where none is given', async () => {
      const before = await storage().keys.now();
      const key = anImport(accountId, { products: 'all' });
      await bring([key]);
      const found = await storage().keys.find(accountId, key.id);
      expect(found?.products).toBe('all');
      expect(found?.createdAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
      expect(found?.createdAt.getTime()).toBeLessThanOrEqual((await storage().keys.now()).getTime());
    });

    test('a key that nobody uses is silent since the former system made it', async () => {
      const [old, young] = [anImport(accountId, { createdAt: new Date('2020-02-03') }), anImport(accountId)];
      await bring([old, young]);
      const { keys } = await storage().keys.list(accountId, { unusedSince: new Date('2020-02-04') }, { limit: 9, before: null });
      expect(keys.map(({ id }) => id)).toEqual([old.id]);
    });

    test('answers in order, and tells what is there already, under whatever pepper', async () => {
      const retired = aDigest('p0');
      const [old, key] = [anImport(accountId, {}, [retired]), anImport(accountId)];
      await bring([old]);
      const sameToken = anImport(accountId, {}, [aDigest(), retired]);
      const twice = again(key, { name: 'other' });
      expect(await outcomes([key, sameToken, twice])).toEqual([imported(key), existing(old), existing(key)]);
      expect((await storage().keys.find(accountId, key.id))?.name).toBe(key.name);
      expect((await storage().keys.list(accountId, {}, { limit: 9, before: null })).keys).toHaveLength(2);
    });

    test('a line key stands for the token that it first came with', async () => {
      const key = anImport(accountId, { lineKey: 'row "7"\t\\' });
      await bring([key]);
      const other = anImport(accountId, { lineKey: key.lineKey });
      expect(await outcomes([again(key), other, again(key, { lineKey: null })])).toEqual([
        existing(key),
        { kind: 'other_line' },
        existing(key),
      ]);
      const [first, second] = [anImport(accountId, { lineKey: 'row 8' }), anImport(accountId, { lineKey: 'row 8' })];
      expect(await outcomes([first, second])).toEqual([imported(first), { kind: 'other_line' }]);
    });

    test('a line key that comes with a known token stands for that one’s key from then on', async () => {
      const key = anImport(accountId);
      await bring([key]);
      expect(await outcomes([again(key, { lineKey: 'late' })])).toEqual([existing(key)]);
      expect(await outcomes([anImport(accountId, { lineKey: 'late' })])).toEqual([{ kind: 'other_line' }]);
    });

    test('a line key of another account is another', async () => {
      await bring([anImport(accountId, { lineKey: 'row 1' })]);
      const strangers = await storage().account();
      const theirs = anImport(strangers, { lineKey: 'row 1' });
      const { outcomes: told } = await storage().imports.importKeys(strangers, [theirs], false, BY);
      expect(told).toEqual([imported(theirs)]);
    });

    test('a token that another account has is taken, and of that nothing is noted', async () => {
      const strangers = await storage().account();
      const theirs = anImport(strangers);
      await storage().imports.importKeys(strangers, [theirs], false, BY);
      const mine = again(theirs, { accountId });
      expect(await bring([mine])).toEqual({ outcomes: [{ kind: 'taken' }], change: null });
      expect(await entries()).toEqual([]);
      expect(await storage().keys.find(strangers, theirs.id)).toMatchObject({ id: theirs.id });
    });

    test('its change names every key that a line stands for, and waiting for it is waiting for all', async () => {
      const [known, fresh, last] = [anImport(accountId), anImport(accountId), anImport(accountId)];
      const begun = await bring([known]);
      expect(begun.change).toMatchObject({ scope: { kind: 'account', accountId }, handles: [handleOf(known)] });
      const { change } = await bring([again(known), fresh, last]);
      expect(change).toEqual({
        place: (await storage().places()).at(-1),
        scope: { kind: 'key', accountId, keyId: last.id },
        handles: [known, fresh, last].map(handleOf),
      });
    });

    test('that an account holds imported keys is told when it is the first time, and when an import begins', async () => {
      const scopes = [];
      for (const anew of [false, false, true]) scopes.push((await bring([anImport(accountId)], anew)).change?.scope.kind);
      expect(scopes).toEqual(['account', 'key', 'account']);
    });

    test('is put down once for a batch, with how many and which, and not where nothing is new', async () => {
      const granted = [
        { scopes: ['a:read'], environment: 'live' },
        { scopes: ['*'], products: 'all' },
        { scopes: ['a:read', 'mintmark:keys:write'] },
      ] as const;
      const keys = granted.map((given) => anImport(accountId, { environment: null, products: ['one'], ...given }));
      await bring(keys);
      await bring(keys.map((key) => again(key)));
      const told = (await entries()).map(({ action, actor, change }) => [action, actor, JSON.parse(change.text ?? '') as object]);
      const [, all, management] = keys;
      const after = {
        count: 3,
        ...{ scopes: ['*', 'a:read', 'mintmark:keys:write'], products: ['all', 'one'], environments: ['live', null] },
        keys: keys.map(({ id }) => id),
        keysOfEveryScope: [all?.id],
        keysOfMintmarkScopes: [management?.id],
      };
      expect(told).toEqual([['keys.imported', BY.actor, { before: null, after }]]);
    });

    test('names every key in the record, however many a batch has', async () => {
      const keys = Array.from({ length: 2 * MAX_RECORDED_IDS + 1 }, () => anImport(accountId, { scopes: ['*'] }));
      await bring(keys);
      const told = (await entries()).map(({ target, change }) => {
        const { after } = JSON.parse(change.text ?? '') as { after: { count: number; keysOfEveryScope: string[] } };
        return { target: target.id, ...after };
      });
      expect(told.map(({ count }) => count)).toEqual([MAX_RECORDED_IDS, MAX_RECORDED_IDS, 1]);
      expect(told.flatMap(({ keysOfEveryScope }) => keysOfEveryScope)).toEqual(keys.map(({ id }) => id));
      expect(new Set(told.map(({ target }) => target)).size).toBe(1);
    });

    test('of what can’t be stored as a whole nothing is stored', async () => {
      const [good, bad] = [anImport(accountId, { lineKey: 'a' }), anImport(accountId, { format: 'nope' })];
      await expect(bring([good, bad])).rejects.toThrow();
      expect(await storage().keys.find(accountId, good.id)).toBeNull();
      expect(await entries()).toEqual([]);
      expect(await outcomes([again(good, { id: good.id })])).toEqual([imported(good)]);
    });

    test('new keys that were planned on another offer are refused, and known ones are told', async () => {
      const { version } = await storage().catalogue.offer(accountId, []);
      const [known, fresh] = [anImport(accountId), anImport(accountId)];
      await storage().imports.importKeys(accountId, [known], false, BY, version);
      const stale = (keys: readonly ImportedKey[]) => storage().imports.importKeys(accountId, keys, false, BY, version - 1);
      await expect(stale([again(known), fresh])).rejects.toThrow(OfferChangedError);
      expect(await storage().keys.find(accountId, fresh.id)).toBeNull();
      expect((await stale([again(known)])).outcomes).toEqual([existing(known)]);
    });

    test('of many imports of the same tokens at once each token is imported once', async () => {
      const keys = Array.from({ length: 40 }, (_, n) => anImport(accountId, { lineKey: `row ${n}` }));
      const strangers = await storage().account();
      const all = await Promise.all(
        Array.from({ length: 12 }, (_, n) => {
          const into = n % 3 === 0 ? strangers : accountId;
          const lines = keys.map((key) => again(key, { accountId: into }));
          return storage().imports.importKeys(into, n % 2 === 0 ? lines : lines.toReversed(), false, BY);
        }),
      );
      const told = all.flatMap(({ outcomes: each }) => each);
      expect(told.filter(({ kind }) => kind === 'imported')).toHaveLength(keys.length);
      expect(told.filter(({ kind }) => kind === 'other_line')).toHaveLength(0);
      const { found } = await storage().lookup.find(keys.map(({ secret }) => secret.digest.digest));
      expect(found).toHaveLength(keys.length);
    });
  });
}
