import { ConflictError, lookupHandle } from '#libs/key-domain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { aKey, anybody, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const REVOCATION = { reason: 'unspecified', description: null } as const;

export function changeJournalConformance(storage: () => StorageHarness): void {
  describe('the journal of changes', () => {
    let accountId: string;
    let strangers: string;
    beforeAll(async () => {
      accountId = await storage().account();
      strangers = await storage().account();
    });
    const lastChange = (keyId: string, account = accountId) => storage().keys.lastChange(account, keyId);

    test('a creation is noted with the blinded name of its digest', async () => {
      const { secret, ...key } = aKey(accountId);
      await storage().keys.insert({ ...key, secret }, BY);
      expect(await lastChange(key.id)).toEqual({
        place: expect.any(Number),
        scope: { kind: 'key', accountId, keyId: key.id },
        handles: [lookupHandle(secret.digest.digest)],
      });
    });

    test('every change is noted above the one before, a repeated one too', async () => {
      const { id } = await storage().keys.insert(aKey(accountId), BY);
      const places = [
        (await lastChange(id))?.place,
        (await storage().keys.change(accountId, id, () => ({ enabled: false }), BY))?.change.place,
        (await storage().keys.change(accountId, id, () => ({ enabled: false }), BY))?.change.place,
        (await storage().keys.revoke(accountId, id, REVOCATION, BY))?.change.place,
        (await storage().keys.revoke(accountId, id, REVOCATION, BY))?.change.place,
        (await storage().keys.delete(accountId, id, REVOCATION, anybody, BY))?.change.place,
      ].map((place) => place ?? NaN);
      expect([...places].sort((one, other) => one - other)).toEqual(places);
      expect(new Set(places).size).toBe(places.length);
      expect((await lastChange(id))?.place).toBe(places.at(-1));
    });

    test('what is refused, and what does not exist, is not noted', async () => {
      const { id } = await storage().keys.insert(aKey(accountId), BY);
      const revoked = await storage().keys.revoke(accountId, id, REVOCATION, BY);
      await expect(storage().keys.change(accountId, id, () => ({ name: 'other' }), BY)).rejects.toThrow(ConflictError);
      expect(await storage().keys.revoke(strangers, id, REVOCATION, BY)).toBeNull();
      expect(await lastChange(id)).toEqual(revoked?.change);
      expect(await lastChange('key_none')).toBeNull();
    });

    test('what happens to many keys at once is the last change of each, and of none that is not there', async () => {
      const account = await storage().account();
      const [revoked, deleted] = [aKey(account), aKey(account)];
      for (const key of [revoked, deleted]) await storage().keys.insert(key, BY);
      const gone = await storage().keys.delete(account, deleted.id, REVOCATION, anybody, BY);
      const { change } = await storage().keys.revokeMatching(account, {}, REVOCATION, () => undefined, BY);
      // Whoever publishes what is told here publishes it for all keys: nobody else does so again.
      expect(await lastChange(revoked.id, account)).toEqual(change);
      await storage().outbox.markPublished([change.place]);
      const scope = { kind: 'key', accountId: account, keyId: revoked.id };
      const handles = [lookupHandle(revoked.secret.digest.digest)];
      expect(await lastChange(revoked.id, account)).toEqual({ place: change.place, scope, handles });
      expect(await lastChange(deleted.id, account)).toEqual(gone?.change);
      expect(await lastChange('key_none', account)).toBeNull();
    });

    test('another account sees nothing of it', async () => {
      const { id } = await storage().keys.insert(aKey(accountId), BY);
      expect(await lastChange(id, strangers)).toBeNull();
    });

    test('changes at once are noted one after the other, without a gap', async () => {
      const inserted = await Promise.all(Array.from({ length: 20 }, () => storage().keys.insert(aKey(accountId), BY)));
      const changes = await Promise.all(inserted.map(({ id }) => storage().keys.revoke(accountId, id, REVOCATION, BY)));
      const places = changes.map((changed) => changed?.change.place ?? NaN).sort((one, other) => one - other);
      expect(places).toEqual(places.map((_, index) => (places[0] ?? NaN) + index));
    });
  });
}
