import { ConflictError, type NewAccount, newId, type NewInvitation, STARTING_FORMATS } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { aDigest, aKey, anEmail, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const SCOPES = [{ name: 'garments:read', group: 'Garments', description: 'Read garments.' }];

export function accountStoreConformance(storage: () => StorageHarness): void {
  describe('AccountStore', () => {
    const anAccount = (accountName = 'Weavers'): NewAccount => ({
      accountId: newId('acc'),
      accountName,
      defaultFormat: 'garmint',
      formats: STARTING_FORMATS,
      scopes: SCOPES,
    });
    const anOwner = (accountId: string, email = anEmail()): NewInvitation => ({
      ...{ id: newId('inv'), accountId, email, role: 'owner', digest: aDigest().digest, lifetimeSeconds: 3600 },
    });
    const opened = async () => {
      const account = anAccount();
      const owner = anOwner(account.accountId);
      return { owner, ...(await storage().accounts.add(account, owner, BY)) };
    };
    const newcomer = () => ({ personId: newId('usr'), passwordHash: 'hash', known: false });
    const actionsIn = async (accountId: string) => {
      const { entries } = await storage().audit.list(accountId, {}, { limit: 20, before: null });
      return entries.map(({ action }) => action).reverse();
    };

    test('an account that is added has all that its keys can be given, and its owner’s invitation', async () => {
      const { account, invitation, owner } = await opened();
      expect(account).toEqual({ id: owner.accountId, name: 'Weavers', status: 'active', createdAt: expect.any(Date) });
      expect(invitation).toMatchObject({ id: owner.id, email: owner.email, role: 'owner' });
      const offer = await storage().catalogue.offer(account.id, []);
      expect(offer).toMatchObject({ scopes: ['garments:read'], policy: { defaultFormat: 'garmint' } });
      expect(offer.formats.map(({ name }) => name)).toEqual(STARTING_FORMATS.map(({ name }) => name).toSorted());
      expect(await storage().catalogue.scopes(account.id)).toEqual(SCOPES);
      expect(await storage().invitations.list(account.id)).toEqual([invitation]);
      expect(await actionsIn(account.id)).toEqual(['account.created', 'invitation.created']);
    });

    test('an account whose invitation can’t be kept is not there at all', async () => {
      const { owner } = await opened();
      const account = anAccount();
      await expect(storage().accounts.add(account, { ...anOwner(account.accountId), id: owner.id }, BY)).rejects.toThrow();
      const { accounts } = await storage().accounts.list({ limit: 200, before: null });
      expect(accounts.map(({ id }) => id)).not.toContain(account.accountId);
      expect(await actionsIn(account.accountId)).toEqual([]);
    });

    test('accounts come newest first, page by page, each once', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.unshift((await opened()).account.id);
      const seen: string[] = [];
      while (seen.length < ids.length) {
        const page = await storage().accounts.list({ limit: 2, before: seen.at(-1) ?? null });
        expect([page.accounts.length, page.hasMore]).toEqual([2, true]);
        seen.push(...page.accounts.map(({ id }) => id));
      }
      expect(seen.slice(0, ids.length)).toEqual(ids);
      expect(await storage().accounts.list({ limit: 2, before: 'acc_' })).toEqual({ accounts: [], hasMore: false });
    });

    describe('inviteOwner', () => {
      test('voids what was sent before, and puts that down, where nobody is in', async () => {
        const { account, owner } = await opened();
        const next = anOwner(account.id);
        expect(await storage().accounts.inviteOwner(next, BY)).toMatchObject({ id: next.id, email: next.email, role: 'owner' });
        expect(await storage().invitations.find([owner.digest])).toBeNull();
        expect((await storage().invitations.list(account.id)).map(({ id }) => id)).toEqual([next.id]);
        expect((await actionsIn(account.id)).slice(2)).toEqual(['invitation.withdrawn', 'invitation.created']);
      });

      test('is refused as soon as somebody is in, and leaves the invitations as they are', async () => {
        const { account, owner } = await opened();
        await storage().invitations.accept(owner.id, newcomer(), BY);
        const theirs = { ...anOwner(account.id), role: 'viewer' } as const;
        await storage().invitations.add(theirs, () => undefined, BY);
        await expect(storage().accounts.inviteOwner(anOwner(account.id), BY)).rejects.toThrow(ConflictError);
        expect((await storage().invitations.list(account.id)).map(({ id }) => id)).toEqual([theirs.id]);
      });

      test('and the acceptance of the invitation before, at once: one of them comes through', async () => {
        for (let round = 0; round < 10; round += 1) {
          const { account, owner } = await opened();
          const [accepted, invited] = await Promise.all([
            storage().invitations.accept(owner.id, newcomer(), BY),
            storage()
              .accounts.inviteOwner(anOwner(account.id), BY)
              .catch((error: unknown) => error),
          ]);
          if (accepted === null) expect(invited).toMatchObject({ role: 'owner' });
          else expect(invited).toBeInstanceOf(ConflictError);
          expect(await storage().invitations.list(account.id)).toHaveLength(accepted === null ? 1 : 0);
        }
      });

      test('is of no account that does not exist', async () => {
        expect(await storage().accounts.inviteOwner(anOwner('acc_none'), BY)).toBeNull();
      });
    });

    describe('setStatus', () => {
      test('suspends and resumes, as a change of the account, and is put down where it changes something', async () => {
        const { account } = await opened();
        const suspended = await storage().accounts.setStatus(account.id, 'suspended', BY);
        expect(suspended).toMatchObject({ account: { ...account, status: 'suspended' } });
        expect(suspended?.change.scope).toEqual({ kind: 'account', accountId: account.id });
        const again = await storage().accounts.setStatus(account.id, 'suspended', BY);
        expect(again?.change.place).toBeGreaterThan(suspended?.change.place ?? Infinity);
        await storage().accounts.setStatus(account.id, 'active', BY);
        expect((await actionsIn(account.id)).slice(2)).toEqual(['account.suspended', 'account.resumed']);
      });

      test('is what a look-up of the account’s secrets tells, and of no other’s', async () => {
        const { account } = await opened();
        const [ours, theirs] = [aKey(account.id), aKey(await storage().account())];
        for (const key of [ours, theirs]) await storage().keys.insert(key, BY);
        await storage().accounts.setStatus(account.id, 'suspended', BY);
        const { found } = await storage().lookup.find([ours, theirs].map(({ secret }) => secret.digest.digest));
        const suspended = found.filter(({ record }) => record.accountSuspended).map(({ record }) => record.keyId);
        expect([found.length, suspended]).toEqual([2, [ours.id]]);
      });

      test('is of no account that does not exist', async () => {
        expect(await storage().accounts.setStatus('acc_none', 'suspended', BY)).toBeNull();
      });
    });
  });
}
