import { beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { aDigest, anEmail } from './factories.js';
import type { StorageHarness } from './harness.js';

const PASSWORD_HASH = '$argon2id$not-a-real-hash';

export function peopleStoreConformance(storage: () => StorageHarness): void {
  describe('PeopleStore', () => {
    let accountId: string;
    let personId: string;
    const email = `Käthe.${anEmail()}`;
    beforeAll(async () => {
      accountId = await storage().account();
      personId = await storage().person({ email, passwordHash: PASSWORD_HASH }, [{ accountId, role: 'developer' }]);
    });
    const open = async (lifetimeSeconds: number) => {
      const { digest } = aDigest();
      await storage().people.openSession({ digest, personId, accountId, lifetimeSeconds });
      return digest;
    };

    test('a person is found by e-mail address, upper and lower case alike, as they wrote it', async () => {
      for (const typed of [email, email.toUpperCase(), email.toLowerCase()]) {
        expect(await storage().people.findByEmail(typed)).toEqual({
          passwordHash: PASSWORD_HASH,
          membership: { personId, email, operator: false, accountId, accountName: expect.any(String), role: 'developer' },
        });
      }
    });

    test('nobody is found by an address that nobody has', async () => {
      expect(await storage().people.findByEmail(anEmail())).toBeNull();
    });

    test('of several accounts the first one is found', async () => {
      const accounts = [await storage().account(), await storage().account(), await storage().account()].reverse();
      const address = anEmail();
      const memberships = accounts.map((id) => ({ accountId: id, role: 'viewer' as const }));
      await storage().person({ email: address, passwordHash: PASSWORD_HASH }, memberships);
      expect((await storage().people.findByEmail(address))?.membership.accountId).toBe(accounts[0]);
    });

    test('somebody who is in no account is not found', async () => {
      const address = anEmail();
      await storage().person({ email: address, passwordHash: PASSWORD_HASH }, []);
      expect(await storage().people.findByEmail(address)).toBeNull();
    });

    test('a session is found by any of its digests, with its person and its times', async () => {
      const digest = await open(3600);
      const session = await storage().people.findSession([aDigest().digest, digest]);
      expect(session?.membership).toMatchObject({ personId, accountId, email, role: 'developer' });
      expect(Number(session?.expiresAt) - Number(session?.createdAt)).toBeGreaterThan(3_599_000);
      expect(Number(session?.expiresAt) - Number(session?.createdAt)).toBeLessThan(3_601_000);
    });

    test('no session is found by a digest that is nobody’s, or by none', async () => {
      expect(await storage().people.findSession([aDigest().digest])).toBeNull();
      expect(await storage().people.findSession([])).toBeNull();
    });

    test('a session ends when it is ended, and the others go on', async () => {
      const [ended, other] = [await open(3600), await open(3600)];
      await storage().people.endSession([aDigest().digest, ended]);
      expect(await storage().people.findSession([ended])).toBeNull();
      expect(await storage().people.findSession([other])).not.toBeNull();
    });

    test('ending what is no session does nothing', async () => {
      await expect(storage().people.endSession([aDigest().digest])).resolves.toBeUndefined();
      await expect(storage().people.endSession([])).resolves.toBeUndefined();
    });

    test('a session that has run out is none', async () => {
      const digest = await open(1);
      expect(await storage().people.findSession([digest])).not.toBeNull();
      await sleep(1100);
      expect(await storage().people.findSession([digest])).toBeNull();
    });

    test('many sessions can be opened at once, while others have run out', async () => {
      await Promise.all(Array.from({ length: 10 }, () => open(0)));
      const digests = await Promise.all(Array.from({ length: 20 }, () => open(3600)));
      for (const digest of digests) expect(await storage().people.findSession([digest])).not.toBeNull();
    });
  });
}
