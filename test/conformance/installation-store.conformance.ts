import { ConflictError } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { aDigest, aFirstAccount, aKey, aSecret, BY } from './factories.js';
import type { StorageHarness, StoragePorts } from './harness.js';

/** Opens whatever connections the store keeps, so that what is then asked at once truly meets. */
const meet = (ports: StoragePorts) => Promise.all(Array.from({ length: 20 }, () => ports.installation.isSetUp()));

export function installationStoreConformance(storage: () => StorageHarness): void {
  describe('InstallationStore', () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await storage().empty();
    });

    test('an installation has an identifier of its own that stays', async () => {
      const id = await ports.installation.id();
      expect(id).toMatch(/^\S{8,}$/);
      expect(await ports.installation.id()).toBe(id);
      expect(await (await storage().empty()).installation.id()).not.toBe(id);
    });

    test('setting up makes the account, its owner who is operator, its catalogue and the service key', async () => {
      expect(await ports.installation.isSetUp()).toBe(false);
      const first = aFirstAccount();
      const { accountId, accountName, personId, email } = first;
      const owner = { personId, email, operator: true, accountId, accountName, accountSuspended: false, role: 'owner' };
      expect(await ports.installation.setUp(first, BY)).toEqual(owner);
      expect(await ports.installation.isSetUp()).toBe(true);
      expect(await ports.people.findByEmail(email)).toEqual({ membership: owner, passwordHash: first.passwordHash });
      expect(await ports.catalogue.policy(accountId)).toMatchObject({ defaultFormat: 'default' });
      expect(await ports.catalogue.formats(accountId)).toEqual(expect.arrayContaining([...first.formats]));
      expect(await ports.catalogue.scopes(accountId)).toEqual(first.scopes);
      const { found } = await ports.lookup.find([first.serviceKey.secret.digest.digest]);
      expect(found).toMatchObject([{ record: { keyId: first.serviceKey.id, scopes: ['mintmark:tokens:verify'] } }]);
    });

    test('of twenty at once one sets up, and the others find it done', async () => {
      await meet(ports);
      const attempts = Array.from({ length: 20 }, () => aFirstAccount());
      const results = await Promise.allSettled(attempts.map((first) => ports.installation.setUp(first, BY)));
      const refusals = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
      expect(refusals).toHaveLength(19);
      for (const refusal of refusals) expect(refusal).toBeInstanceOf(ConflictError);
      const known = await Promise.all(attempts.map(({ email }) => ports.people.findByEmail(email)));
      expect(known.filter((person) => person !== null)).toHaveLength(1);
    });

    test('a set-up that fails leaves nothing, and can be repeated', async () => {
      const secret = aSecret();
      const first = aFirstAccount();
      const broken = { ...first, serviceKey: aKey('acc_of_somebody_else', { secret }) };
      await expect(ports.installation.setUp(broken, BY)).rejects.toThrow();
      expect(await ports.installation.isSetUp()).toBe(false);
      await expect(ports.installation.setUp(first, BY)).resolves.toMatchObject({ accountId: first.accountId });
    });

    test('what is done before the commit is done once, and what fails there leaves nothing', async () => {
      await expect(ports.installation.setUp(aFirstAccount(), BY, () => Promise.reject(new Error('no room')))).rejects.toThrow(
        'no room',
      );
      expect(await ports.installation.isSetUp()).toBe(false);
      const seen: boolean[] = [];
      const look = async () => void seen.push(await ports.installation.isSetUp());
      await Promise.allSettled([1, 2, 3].map(() => ports.installation.setUp(aFirstAccount(), BY, look)));
      expect(seen).toEqual([false]);
      expect(await ports.installation.isSetUp()).toBe(true);
    });

    describe('reconcilePeppers', () => {
      const pepper = (id: string) => ({ id, fingerprint: Uint8Array.from(randomBytes(16)) });
      const none = { missing: [], changed: [] };

      test('new peppers, and the same ones again, are without fault', async () => {
        const [p1, p2, p3] = [pepper('p1'), pepper('p2'), pepper('p3')];
        expect(await ports.installation.reconcilePeppers([p1, p2])).toEqual(none);
        expect(await ports.installation.reconcilePeppers([p3, p2, p1])).toEqual(none);
      });

      test('a pepper that stored secrets need is missed, and one that none needs is not', async () => {
        const [p1, p2, p3] = [pepper('p1'), pepper('p2'), pepper('p3')];
        await ports.installation.reconcilePeppers([p1, p2, p3]);
        const first = aFirstAccount();
        await ports.installation.setUp({ ...first, serviceKey: { ...first.serviceKey, secret: aSecret(aDigest('p2')) } }, BY);
        await ports.keys.insert(aKey(first.accountId, { secret: aSecret(aDigest('p3')) }), BY);
        expect(await ports.installation.reconcilePeppers([p2, p3])).toEqual(none);
        expect(await ports.installation.reconcilePeppers([p1])).toEqual({ missing: ['p2', 'p3'], changed: [] });
      });

      test('another pepper under a known id is noticed', async () => {
        const p1 = pepper('p1');
        await ports.installation.reconcilePeppers([p1]);
        expect(await ports.installation.reconcilePeppers([pepper('p1')])).toEqual({ missing: [], changed: ['p1'] });
        expect(await ports.installation.reconcilePeppers([p1])).toEqual(none);
      });

      test('what is told beside a fault is not noted', async () => {
        const p1 = pepper('p1');
        await ports.installation.reconcilePeppers([p1]);
        await ports.installation.reconcilePeppers([pepper('p1'), pepper('mistyped')]);
        expect(await ports.installation.reconcilePeppers([p1, pepper('mistyped')])).toEqual(none);
      });

      test('of two processes that bring different peppers under one id at once, one is told', async () => {
        await meet(ports);
        const results = await Promise.all([1, 2].map(() => ports.installation.reconcilePeppers([pepper('p1')])));
        expect(results.flatMap(({ changed }) => changed)).toEqual(['p1']);
      });
    });
  });
}
