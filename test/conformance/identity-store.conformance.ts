import { ConflictError, ForbiddenError, newId, UnauthorizedError } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { aDigest, anEmail, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

export function identityStoreConformance(storage: () => StorageHarness): void {
  describe('IdentityStore', () => {
    let accountId: string;
    let person: { readonly id: string; readonly email: string };
    beforeEach(async () => {
      accountId = await storage().account();
      const email = anEmail();
      const memberships = [{ accountId, role: 'developer' } as const];
      person = { email, id: await storage().person({ email, passwordHash: 'hash' }, memberships) };
    });
    const anIdentity = (issuer = 'https://id.example') => ({ issuer, subject: newId('usr') });
    const by = (personId: string) => ({ ...BY, actor: { type: 'person', id: personId } }) as const;
    const linked = async (account = accountId) => {
      const { entries } = await storage().audit.list(account, { action: 'person.linked' }, { limit: 9, before: null });
      return entries;
    };

    const open = async (account: string, passwordHash?: string) => {
      const session = {
        id: newId('ses'),
        digest: aDigest().digest,
        personId: person.id,
        accountId: account,
        lifetimeSeconds: 60,
      };
      await storage().people.openSession({ ...session, ...(passwordHash === undefined ? {} : { passwordHash }) }, BY);
      return session;
    };
    const join = async (account: string) => {
      const invitation = { id: newId('inv'), accountId: account, email: person.email, role: 'owner' as const };
      const { digest } = aDigest();
      await storage().invitations.add({ ...invitation, digest, lifetimeSeconds: 60 }, () => undefined, BY);
      await storage().invitations.accept(invitation.id, { personId: person.id, passwordHash: 'hash', known: true }, BY);
    };

    test('an identity is of nobody until it is linked, then of the person of that address, however it is written', async () => {
      const identity = anIdentity();
      expect(await storage().identities.find(identity)).toBeNull();
      const membership = await storage().identities.link(identity, person.email.toUpperCase(), by);
      expect(membership).toMatchObject({ personId: person.id, accountId, role: 'developer' });
      expect(await storage().identities.find(identity)).toEqual(membership);
    });

    test('linking is put down in the record, by the person', async () => {
      const identity = anIdentity();
      await storage().identities.link(identity, person.email, by);
      const [entry] = await linked();
      expect(entry).toMatchObject({ actor: { type: 'person', id: person.id }, target: { type: 'person', id: person.id } });
      expect(JSON.parse(entry?.change.text ?? '')).toEqual({
        before: null,
        after: { ...identity, passwordForgotten: true, sessionsEnded: 0 },
      });
    });

    test('linking forgets the password that somebody chose with an invitation, and ends their sessions in every account', async () => {
      const later = await storage().account();
      await join(later);
      const sessions = [await open(accountId), await open(later)];
      const identity = anIdentity();
      await storage().identities.link(identity, person.email, by);
      for (const { digest } of sessions) expect(await storage().people.findSession([digest])).toBeNull();
      expect(await storage().people.findByEmail(person.email)).toMatchObject({ passwordHash: null });
      await expect(open(accountId, 'hash')).rejects.toThrow(UnauthorizedError);
      for (const account of [accountId, later]) {
        const [entry] = await linked(account);
        expect(JSON.parse(entry?.change.text ?? '')).toMatchObject({ after: { passwordForgotten: true, sessionsEnded: 2 } });
      }
    });

    test('of sign-ins by that password and the linking at once no session is left', async () => {
      const signIns = Array.from({ length: 20 }, () => open(accountId, 'hash'));
      const linking = storage().identities.link(anIdentity(), person.email, by);
      await Promise.allSettled([...signIns, linking]);
      expect(await linking).not.toBeNull();
      expect(await storage().people.sessionsOf(person.id)).toEqual([]);
    });

    test('whoever has no password any more gets another one, and that is theirs from then on', async () => {
      await storage().identities.link(anIdentity(), person.email, by);
      const kept = await open(accountId);
      const hashes = { former: null, next: 'next' };
      await storage().people.changePassword(person.id, hashes, kept.id, BY);
      expect(await storage().people.findByEmail(person.email)).toMatchObject({ passwordHash: 'next' });
      await expect(storage().people.changePassword(person.id, hashes, kept.id, BY)).rejects.toThrow(ConflictError);
      await expect(open(accountId, 'next')).resolves.toBeDefined();
    });

    test('nobody chooses a first password in a session that was left open', async () => {
      await storage().identities.link(anIdentity(), person.email, by);
      const [left, fresh] = [await open(accountId), await open(accountId)];
      await storage().openedEarlier(left.id, 601);
      const choose = (session: string) => storage().people.changePassword(person.id, { former: null, next: 'next' }, session, BY);
      await expect(choose(left.id)).rejects.toThrow(ForbiddenError);
      const switched = { ...left, id: newId('ses'), digest: aDigest().digest };
      await storage().people.openSession({ ...switched, insteadOf: left.id }, BY);
      await expect(choose(switched.id)).rejects.toThrow(ForbiddenError);
      expect(await storage().people.findByEmail(person.email)).toMatchObject({ passwordHash: null });
      expect(await choose(fresh.id)).toBe(1);
    });

    test('a session that the linking ended chooses no password, though its request was under way by then', async () => {
      const former = await open(accountId, 'hash');
      await storage().identities.link(anIdentity(), person.email, by);
      const rightful = await open(accountId);
      const changing = storage().people.changePassword(person.id, { former: null, next: 'next' }, former.id, BY);
      await expect(changing).rejects.toThrow(UnauthorizedError);
      expect(await storage().people.findByEmail(person.email)).toMatchObject({ passwordHash: null });
      expect(await storage().people.findSession([rightful.digest])).not.toBeNull();
    });

    test('whoever has proved an address that merely folds to a person’s is not them', async () => {
      const email = `ﬁ${anEmail()}`;
      const id = await storage().person({ email: email.normalize('NFKC'), passwordHash: 'hash' }, [
        { accountId, role: 'viewer' },
      ]);
      expect(await storage().people.findByEmail(email)).toMatchObject({ membership: { personId: id } });
      expect(await storage().identities.link(anIdentity(), email, by)).toBeNull();
      expect(await storage().identities.link(anIdentity(), email.normalize('NFKC').toUpperCase(), by)).not.toBeNull();
    });

    test('an identity leads into the account that its person was in first', async () => {
      const identity = anIdentity();
      await join(await storage().account());
      await storage().identities.link(identity, person.email, by);
      expect(await storage().identities.find(identity)).toMatchObject({ accountId });
    });

    test('nobody of another address is linked, nor put down', async () => {
      const identity = anIdentity();
      expect(await storage().identities.link(identity, anEmail(), by)).toBeNull();
      expect(await storage().identities.find(identity)).toBeNull();
      expect(await linked()).toEqual([]);
    });

    test('a person is one subject of an issuer, and one of each other issuer', async () => {
      const first = anIdentity();
      await storage().identities.link(first, person.email, by);
      const second = anIdentity();
      expect(await storage().identities.link(second, person.email, by)).toBeNull();
      expect(await storage().identities.find(second)).toBeNull();
      const elsewhere = anIdentity('https://other.example');
      expect(await storage().identities.link(elsewhere, person.email, by)).toMatchObject({ personId: person.id });
      expect(await storage().identities.find({ ...first, issuer: elsewhere.issuer })).toBeNull();
    });

    test('an identity stays whose it is, whoever else has an address by now', async () => {
      const identity = anIdentity();
      await storage().identities.link(identity, person.email, by);
      const email = anEmail();
      await storage().person({ email, passwordHash: 'hash' }, [{ accountId, role: 'viewer' }]);
      expect(await storage().identities.link(identity, email, by)).toBeNull();
      expect(await storage().identities.find(identity)).toMatchObject({ personId: person.id });
    });

    test('of many subjects that claim a person at once one is linked', async () => {
      const identities = Array.from({ length: 20 }, () => anIdentity());
      const answers = await Promise.all(identities.map((identity) => storage().identities.link(identity, person.email, by)));
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      expect(await linked()).toHaveLength(1);
    });
  });
}
