import { ConflictError, type Key, KEPT_SECRETS, lookupHandle, type NewKey } from '#libs/key-domain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { aKey, aSecret, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const HOUR = HOUR_MS / 1000;
const REVOCATION = { reason: 'unspecified', description: null } as const;

export function keyRotationConformance(storage: () => StorageHarness): void {
  describe('rotation of keys', () => {
    let accountId: string;
    let strangers: string;
    beforeAll(async () => {
      accountId = await storage().account();
      strangers = await storage().account();
    });

    async function insertKey(given: Partial<NewKey> = {}) {
      const key = aKey(accountId, given);
      await storage().keys.insert(key, BY);
      return key;
    }
    const rotate = (keyId: string, graceSeconds: number, secret = aSecret()) =>
      storage().keys.rotate(accountId, keyId, { secret, graceSeconds, assertMay: () => undefined }, BY);
    const endSecret = (keyId: string, secretId: string) => storage().keys.endSecret(accountId, keyId, secretId, BY);
    const now = async () => (await storage().keys.now()).getTime();
    const found = async ({ digest }: NewKey['secret']) => (await storage().lookup.find([digest.digest])).found[0]?.record;
    /** Whether a verification that begins now would accept it. */
    async function isAccepted({ digest }: NewKey['secret']): Promise<boolean> {
      const { found, now } = await storage().lookup.find([digest.digest]);
      const record = found[0]?.record;
      return record !== undefined && !record.revoked && (record.expiresAt === null || record.expiresAt > now);
    }

    test('the new secret comes first, and the former one ends after the grace period', async () => {
      const key = await insertKey({ scopes: ['a:read'] });
      const secret = aSecret();
      const before = await now();
      const rotated = await rotate(key.id, HOUR, secret);
      const after = await now();
      const endsAt = rotated?.previous.endsAt.getTime() ?? NaN;
      expect(rotated?.previous.secretId).toBe(key.secret.id);
      expect(endsAt).toBeGreaterThanOrEqual(before + HOUR_MS);
      expect(endsAt).toBeLessThanOrEqual(after + HOUR_MS);
      expect(rotated?.key).toMatchObject({
        id: key.id,
        scopes: ['a:read'],
        secrets: [
          { id: secret.id, lastFour: 'abcd', endsAt: null, lastUsedAt: null },
          { id: key.secret.id, endsAt: rotated?.previous.endsAt },
        ],
      });
      expect(await storage().keys.find(accountId, key.id)).toEqual(rotated?.key);
      expect((await found(secret))?.expiresAt).toBeNull();
      expect(Math.floor((await found(key.secret))?.expiresAt ?? NaN)).toBe(endsAt);
      expect([await isAccepted(secret), await isAccepted(key.secret)]).toEqual([true, true]);
    });

    test('the journal names the new digest', async () => {
      const key = await insertKey();
      const secret = aSecret();
      const rotated = await rotate(key.id, 0, secret);
      expect(rotated?.change).toMatchObject({
        scope: { kind: 'key', accountId, keyId: key.id },
        handles: [lookupHandle(secret.digest.digest)],
      });
      expect(await storage().keys.lastChange(accountId, key.id)).toEqual(rotated?.change);
    });

    test('the former secret never outlives its key', async () => {
      const expiresAt = new Date((await now()) + HOUR_MS);
      const key = await insertKey({ expiresAt });
      expect((await rotate(key.id, 2 * HOUR))?.previous.endsAt).toEqual(expiresAt);
    });

    test('without grace the former secret is refused from then on, whatever the clock does', async () => {
      const key = await insertKey();
      const rotated = await rotate(key.id, 0);
      expect(rotated?.previous.endsAt.getTime()).toBeLessThanOrEqual(await now());
      expect((await found(key.secret))?.revoked).toBe(true);
    });

    test('with two live secrets the oldest ends at once', async () => {
      const key = await insertKey();
      const [second, third] = [aSecret(), aSecret()];
      await rotate(key.id, HOUR, second);
      const rotated = await rotate(key.id, HOUR, third);
      expect(rotated?.previous.secretId).toBe(second.id);
      expect(rotated?.key.secrets.map(({ id }) => id)).toEqual([third.id, second.id, key.secret.id]);
      expect((await found(key.secret))?.revoked).toBe(true);
      expect([await isAccepted(third), await isAccepted(second), await isAccepted(key.secret)]).toEqual([true, true, false]);
    });

    test('whose newest secret was ended goes on with the one before, which keeps its end', async () => {
      const key = await insertKey();
      const lost = aSecret();
      const first = await rotate(key.id, HOUR, lost);
      await endSecret(key.id, lost.id);
      const again = await rotate(key.id, 2 * HOUR);
      expect(again?.previous).toEqual(first?.previous);
      expect([await isAccepted(lost), await isAccepted(key.secret)]).toEqual([false, true]);
    });

    test('the newest secrets of a key are kept, and the older ones forgotten', async () => {
      const key = await insertKey();
      let last: Key | undefined;
      for (let round = 0; round < KEPT_SECRETS + 2; round++) last = (await rotate(key.id, HOUR))?.key;
      expect(last?.secrets).toHaveLength(KEPT_SECRETS);
      expect(last?.secrets.filter(({ endsAt }) => endsAt === null || endsAt > new Date())).toHaveLength(2);
      expect(await found(key.secret)).toBeUndefined();
    });

    test('a revoked key and an expired one have no more secrets', async () => {
      const revoked = await insertKey();
      await storage().keys.revoke(accountId, revoked.id, REVOCATION, BY);
      await expect(rotate(revoked.id, HOUR)).rejects.toThrow(ConflictError);
      const expired = await insertKey({ expiresAt: new Date((await now()) - 1) });
      await expect(rotate(expired.id, HOUR)).rejects.toThrow(ConflictError);
      expect((await storage().keys.find(accountId, expired.id))?.secrets).toHaveLength(1);
    });

    test('another account’s key is absent, and so is its secret', async () => {
      const key = await insertKey();
      await rotate(key.id, HOUR);
      const rotation = { secret: aSecret(), graceSeconds: 0, assertMay: () => undefined };
      expect(await storage().keys.rotate(strangers, key.id, rotation, BY)).toBeNull();
      expect(await storage().keys.endSecret(strangers, key.id, key.secret.id, BY)).toBeNull();
      const other = await insertKey();
      expect(await endSecret(other.id, key.secret.id)).toBeNull();
      expect(await isAccepted(key.secret)).toBe(true);
    });

    describe('ending one of two secrets', () => {
      test('ends it at once, and leaves the other', async () => {
        const key = await insertKey();
        const secret = aSecret();
        await rotate(key.id, HOUR, secret);
        const ended = await endSecret(key.id, key.secret.id);
        expect(ended?.key.secrets[1]?.endsAt?.getTime()).toBeLessThanOrEqual(await now());
        expect((await found(key.secret))?.revoked).toBe(true);
        expect(await isAccepted(secret)).toBe(true);
      });

      test('again changes nothing, and is noted anew in the journal', async () => {
        const key = await insertKey();
        await rotate(key.id, HOUR);
        const first = await endSecret(key.id, key.secret.id);
        const again = await endSecret(key.id, key.secret.id);
        expect(again?.key).toEqual(first?.key);
        expect(again?.change.place).toBeGreaterThan(first?.change.place ?? Infinity);
      });

      test('is refused where no other is accepted, and where the key is revoked', async () => {
        const key = await insertKey();
        await expect(endSecret(key.id, key.secret.id)).rejects.toThrow(ConflictError);
        expect(await isAccepted(key.secret)).toBe(true);
        await rotate(key.id, HOUR);
        await storage().keys.revoke(accountId, key.id, REVOCATION, BY);
        await expect(endSecret(key.id, key.secret.id)).rejects.toThrow(ConflictError);
      });

      test('both at once leave one', async () => {
        const key = await insertKey();
        const secret = aSecret();
        await rotate(key.id, HOUR, secret);
        const answers = await Promise.allSettled([endSecret(key.id, key.secret.id), endSecret(key.id, secret.id)]);
        expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect([await isAccepted(secret), await isAccepted(key.secret)].filter(Boolean)).toHaveLength(1);
      });
    });
  });
}
