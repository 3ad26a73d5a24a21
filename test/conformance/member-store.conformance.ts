import { ConflictError, ForbiddenError, newId, type Role } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { aDigest, anEmail, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const anybody = () => undefined;

export function memberStoreConformance(storage: () => StorageHarness): void {
  describe('MemberStore', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
    });
    const join = (role: Role, account = accountId) =>
      storage().person({ email: anEmail(), passwordHash: 'hash' }, [{ accountId: account, role }]);
    const rolesOf = async () => {
      const { members } = await storage().members.list(accountId, { limit: 200, before: null });
      return new Map(members.map(({ personId, role }) => [personId, role]));
    };

    test('the members of an account are listed page by page, each once, and those of no other', async () => {
      const people: string[] = [];
      for (const role of ['owner', 'admin', 'developer', 'viewer', 'viewer'] as const) people.push(await join(role));
      await join('owner', await storage().account());
      const seen: string[] = [];
      let before: string | null = null;
      for (let more = true; more;) {
        const page = await storage().members.list(accountId, { limit: 2, before });
        seen.push(...page.members.map(({ personId }) => personId));
        before = seen.at(-1) ?? null;
        more = page.hasMore;
      }
      expect(seen).toEqual(people.toReversed());
    });

    test('a role is changed, unless what it was is not the caller’s to change', async () => {
      await join('owner');
      const person = await join('viewer');
      const refuse = () => {
        throw new ForbiddenError('no');
      };
      await expect(storage().members.changeRole(accountId, person, 'admin', refuse, BY)).rejects.toThrow(ForbiddenError);
      expect((await rolesOf()).get(person)).toBe('viewer');
      expect(await storage().members.changeRole(accountId, person, 'admin', anybody, BY)).toMatchObject({ role: 'admin' });
      expect((await rolesOf()).get(person)).toBe('admin');
    });

    test('nobody is changed or removed through another account', async () => {
      const stranger = await join('viewer', await storage().account());
      for (const id of [stranger, newId('usr')]) {
        expect(await storage().members.changeRole(accountId, id, 'owner', anybody, BY)).toBeNull();
        expect(await storage().members.remove(accountId, id, anybody, BY)).toBe(false);
      }
    });

    test('whoever is removed has no session of the account any more', async () => {
      const person = await join('viewer');
      const { digest } = aDigest();
      const session = { id: newId('ses'), digest, personId: person, accountId, lifetimeSeconds: 3600 };
      await storage().people.openSession(session, BY);
      expect(await storage().members.remove(accountId, person, anybody, BY)).toBe(true);
      expect(await storage().people.findSession([digest])).toBeNull();
      expect(await storage().members.remove(accountId, person, anybody, BY)).toBe(false);
    });

    test('the last owner is neither removed nor made something else', async () => {
      const owner = await join('owner');
      await join('admin');
      await expect(storage().members.remove(accountId, owner, anybody, BY)).rejects.toThrow(ConflictError);
      await expect(storage().members.changeRole(accountId, owner, 'admin', anybody, BY)).rejects.toThrow(ConflictError);
      expect(await storage().members.changeRole(accountId, owner, 'owner', anybody, BY)).toMatchObject({ role: 'owner' });
    });

    test.each(['removed', 'made viewers'])(
      'of twenty owners that are %s at once one is left',
      async (how) => {
        const owners = await Promise.all(Array.from({ length: 20 }, () => join('owner')));
        const results = await Promise.allSettled(
          owners.map((id) =>
            how === 'removed'
              ? storage().members.remove(accountId, id, anybody, BY)
              : storage().members.changeRole(accountId, id, 'viewer', anybody, BY),
          ),
        );
        const refusals = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
        expect(refusals).toHaveLength(1);
        expect(refusals[0]).toBeInstanceOf(ConflictError);
        expect([...(await rolesOf()).values()].filter((role) => role === 'owner')).toHaveLength(1);
      },
      30_000,
    );
  });
}
