import { newId } from '#libs/key-domain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { aDigest, aKey, anybody, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

export function secretLookupConformance(storage: () => StorageHarness): void {
  describe('SecretLookup', () => {
    let accountId: string;
    beforeAll(async () => {
      accountId = await storage().account();
    });

    const find = async (digest: Uint8Array) => (await storage().lookup.find([digest])).found[0];

    test('tells everything that a verdict rests on', async () => {
      const expiresAt = new Date('2031-05-06T07:08:09.123Z');
      const key = aKey(accountId, {
        name: 'Käthe’s „key“',
        scopes: ['garments:read', 'a,b"c\\d:{e}'],
        products: ['one', 'two'],
        ownerId: 'customer-7',
        metadata: { plan: { seats: 3, tags: ['x', null] } },
        allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'],
        expiresAt,
      });
      await storage().keys.insert(key, BY);
      expect(await find(key.secret.digest.digest)).toEqual({
        digest: key.secret.digest.digest,
        pepperId: 'p1',
        record: {
          keyId: key.id,
          secretId: key.secret.id,
          accountId,
          accountSuspended: false,
          ownerId: 'customer-7',
          name: key.name,
          environment: 'live',
          scopes: key.scopes,
          products: ['one', 'two'],
          allowedCidrs: key.allowedCidrs,
          metadata: key.metadata,
          limits: null,
          enabled: true,
          revoked: false,
          expiresAt: expiresAt.getTime(),
        },
      });
    });

    test('tells the emptiest key without inventing anything', async () => {
      const key = aKey(accountId, { format: 'keymint', environment: null, products: 'all' });
      await storage().keys.insert(key, BY);
      const found = await find(key.secret.digest.digest);
      expect(found?.record).toMatchObject({
        environment: null,
        products: 'all',
        ownerId: null,
        scopes: [],
        allowedCidrs: [],
        expiresAt: null,
      });
    });

    test.each([
      ['of the key alone', 2 * HOUR_MS, null, 2 * HOUR_MS],
      ['of the secret alone', null, HOUR_MS, HOUR_MS],
      ['of the secret, where that is earlier', 2 * HOUR_MS, HOUR_MS, HOUR_MS],
      ['of the key, where that is earlier', HOUR_MS, 2 * HOUR_MS, HOUR_MS],
    ])('the end is that %s', async (_, keyEnds, secretEnds, expected) => {
      const now = Date.now();
      const at = (ms: number | null) => (ms === null ? null : new Date(now + ms));
      const key = aKey(accountId, { expiresAt: at(keyEnds) });
      await storage().keys.insert(key, BY);
      const { digest, pepperId } = aDigest();
      await storage().addSecret({
        id: newId('sec'),
        accountId,
        keyId: key.id,
        digest,
        pepperId,
        endsAt: at(secretEnds),
        imported: false,
      });
      expect((await find(digest))?.record.expiresAt).toBe(now + expected);
    });

    test('a revoked key is revoked by each of its secrets', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const { digest, pepperId } = aDigest();
      await storage().addSecret({ id: newId('sec'), accountId, keyId: key.id, digest, pepperId, endsAt: null, imported: false });
      await storage().keys.revoke(accountId, key.id, { reason: 'unspecified', description: null }, BY);
      expect((await find(key.secret.digest.digest))?.record.revoked).toBe(true);
      expect((await find(digest))?.record.revoked).toBe(true);
    });

    test('a revoked secret leaves the other secret of its key alone', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const { digest, pepperId } = aDigest();
      const other = newId('sec');
      await storage().addSecret({ id: other, accountId, keyId: key.id, digest, pepperId, endsAt: null, imported: false });
      await storage().revokeSecret(other);
      expect((await find(digest))?.record).toMatchObject({ revoked: true, secretId: other, keyId: key.id });
      expect((await find(key.secret.digest.digest))?.record).toMatchObject({ revoked: false, secretId: key.secret.id });
    });

    test('a disabled key and a suspended account say so', async () => {
      const suspended = await storage().account();
      const key = aKey(suspended);
      await storage().keys.insert(key, BY);
      await storage().disable(key.id);
      await storage().suspend(suspended);
      expect((await find(key.secret.digest.digest))?.record).toMatchObject({ enabled: false, accountSuspended: true });
    });

    test('finds the keys of every account, many at once, and leaves out what belongs to nothing', async () => {
      const other = await storage().account();
      const keys = [aKey(accountId), aKey(other), aKey(accountId)];
      for (const key of keys) await storage().keys.insert(key, BY);
      const unknown = Array.from({ length: 50 }, () => aDigest().digest);
      const { found } = await storage().lookup.find([...unknown, ...keys.map((key) => key.secret.digest.digest)]);
      expect(found.map(({ record }) => record.keyId).sort()).toEqual(keys.map((key) => key.id).sort());
    });

    test.each([1, 2, 3, 4, 5, 8, 9, 16])('of %d digests each is found, and none twice', async (count) => {
      const keys = Array.from({ length: count }, () => aKey(accountId));
      for (const key of keys) await storage().keys.insert(key, BY);
      const { found } = await storage().lookup.find(keys.map((key) => key.secret.digest.digest));
      expect(found.map(({ record }) => record.keyId).sort()).toEqual(keys.map((key) => key.id).sort());
    });

    test('a digest asked for twice is found', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const { digest } = key.secret.digest;
      const { found } = await storage().lookup.find([digest, digest]);
      expect(new Set(found.map(({ record }) => record.keyId))).toEqual(new Set([key.id]));
    });

    test('reads a digest that is a view into a larger buffer', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const larger = new Uint8Array(64).fill(7);
      larger.set(key.secret.digest.digest, 16);
      expect((await find(larger.subarray(16, 48)))?.record.keyId).toBe(key.id);
    });

    test('answers 8,000 digests at once', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const digests = Array.from({ length: 7_999 }, () => aDigest().digest);
      const { found } = await storage().lookup.find([...digests, key.secret.digest.digest]);
      expect(found.map(({ record }) => record.keyId)).toEqual([key.id]);
    });

    const digestOfKey = async (): Promise<Uint8Array> => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      return key.secret.digest.digest;
    };

    test.each([
      ['something', async () => [await digestOfKey()]],
      ['nothing', () => [aDigest().digest]],
      ['no digest at all', () => []],
    ])('tells the clock where %s is asked for', async (_, digests) => {
      const before = await storage().keys.now();
      const { now } = await storage().lookup.find(await digests());
      const after = await storage().keys.now();
      expect(now).toBeGreaterThanOrEqual(before.getTime());
      expect(now).toBeLessThanOrEqual(after.getTime() + 1);
    });

    test('an answer reflects every change that was committed before the question', async () => {
      for (let round = 0; round < 20; round++) {
        const key = aKey(accountId);
        await storage().keys.insert(key, BY);
        expect((await find(key.secret.digest.digest))?.record.revoked).toBe(false);
        await storage().keys.revoke(accountId, key.id, { reason: 'unspecified', description: null }, BY);
        expect((await find(key.secret.digest.digest))?.record.revoked).toBe(true);
        await storage().keys.delete(accountId, key.id, { reason: 'unspecified', description: null }, anybody, BY);
        expect(await find(key.secret.digest.digest)).toBeUndefined();
      }
    });
  });
}
