import {
  ConflictError,
  ForbiddenError,
  MAX_INVITATIONS,
  newId,
  type NewInvitation,
  NotFoundError,
  UnauthorizedError,
} from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { aDigest, anEmail, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const anybody = () => undefined;
const newcomer = () => ({ personId: newId('usr'), passwordHash: 'hash', known: false });

export function invitationStoreConformance(storage: () => StorageHarness): void {
  describe('InvitationStore', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
    });
    const anInvitation = (given: Partial<NewInvitation> = {}): NewInvitation => ({
      id: newId('inv'),
      accountId,
      email: anEmail(),
      role: 'developer',
      digest: aDigest().digest,
      lifetimeSeconds: 3600,
      ...given,
    });
    const invite = async (given: Partial<NewInvitation> = {}) => {
      const invitation = anInvitation(given);
      await storage().invitations.add(invitation, anybody, BY);
      return invitation;
    };
    const idsOf = async (id = accountId) => (await storage().invitations.list(id)).map((invitation) => invitation.id);

    test('an invitation is listed in its account and found by its digest, until it runs out', async () => {
      const { id, digest, email } = await invite({ lifetimeSeconds: 1 });
      expect(await storage().invitations.list(accountId)).toMatchObject([{ id, email, role: 'developer' }]);
      expect(await idsOf(await storage().account())).toEqual([]);
      expect(await storage().invitations.find([aDigest().digest, digest])).toEqual({ id, email, person: null });
      await sleep(1100);
      expect(await idsOf()).toEqual([]);
      expect(await storage().invitations.find([digest])).toBeNull();
      expect(await storage().invitations.accept(id, newcomer(), BY)).toBeNull();
    });

    test('another invitation to an address takes the place of the one before, however it is written', async () => {
      const former = await invite();
      const next = await invite({ email: former.email.toUpperCase() });
      expect(await idsOf()).toEqual([next.id]);
      expect(await storage().invitations.find([former.digest])).toBeNull();
    });

    test('an earlier one stays where it is not the caller’s to replace or withdraw', async () => {
      const { id, email } = await invite({ role: 'owner' });
      const refuse = () => {
        throw new ForbiddenError('no');
      };
      await expect(storage().invitations.add(anInvitation({ email }), refuse, BY)).rejects.toThrow(ForbiddenError);
      await expect(storage().invitations.withdraw(accountId, id, refuse, BY)).rejects.toThrow(ForbiddenError);
      expect(await idsOf()).toEqual([id]);
    });

    test(`holds ${MAX_INVITATIONS} of an account at most that can still be accepted, however many go out at once`, async () => {
      for (let open = 0; open < MAX_INVITATIONS - 20; open++) await invite();
      await invite({ lifetimeSeconds: 0 });
      const { email } = await invite();
      const invited = await Promise.allSettled(Array.from({ length: 25 }, () => invite()));
      const refused = invited.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(refused).toEqual(Array(6).fill(expect.any(ConflictError)));
      expect(await idsOf()).toHaveLength(MAX_INVITATIONS);
      await expect(invite({ email })).resolves.toBeDefined();
      await storage().invitations.withdraw(accountId, (await idsOf())[0] ?? '', anybody, BY);
      await expect(invite()).resolves.toBeDefined();
    });

    test('nobody is invited who is a member, nor into an account that is none', async () => {
      const email = anEmail();
      await storage().person({ email, passwordHash: 'hash' }, [{ accountId, role: 'viewer' }]);
      await expect(invite({ email: email.toUpperCase() })).rejects.toThrow(ConflictError);
      await expect(invite({ accountId: newId('acc') })).rejects.toThrow(NotFoundError);
    });

    test('one that is withdrawn is void, and no other account can withdraw it', async () => {
      const { id, digest } = await invite();
      expect(await storage().invitations.withdraw(await storage().account(), id, anybody, BY)).toBe(false);
      expect(await storage().invitations.withdraw(accountId, id, anybody, BY)).toBe(true);
      expect(await storage().invitations.withdraw(accountId, id, anybody, BY)).toBe(false);
      expect(await storage().invitations.find([digest])).toBeNull();
      expect(await storage().invitations.accept(id, newcomer(), BY)).toBeNull();
    });

    test('somebody new joins as who they were invited, and can be found by their address', async () => {
      const { id, email } = await invite();
      const joining = newcomer();
      const membership = { personId: joining.personId, email, accountId, role: 'developer', operator: false };
      expect(await storage().invitations.accept(id, joining, BY)).toMatchObject(membership);
      expect(await storage().people.findByEmail(email)).toMatchObject({ membership, passwordHash: 'hash' });
    });

    test('a person who is known joins one more account and keeps their password', async () => {
      const email = anEmail();
      const first = await storage().account();
      const personId = await storage().person({ email, passwordHash: 'theirs' }, [{ accountId: first, role: 'viewer' }]);
      const { id, digest } = await invite({ email: email.toUpperCase() });
      expect(await storage().invitations.find([digest])).toMatchObject({ person: { id: personId, passwordHash: 'theirs' } });
      expect(await storage().invitations.accept(id, { personId, passwordHash: 'theirs', known: true }, BY)).toMatchObject({
        accountId,
      });
      expect((await storage().people.memberships(personId)).map((one) => one.accountId)).toEqual([first, accountId]);
      expect((await storage().people.findByEmail(email))?.passwordHash).toBe('theirs');
    });

    test('nobody who is known joins by a password that is no longer theirs', async () => {
      const email = anEmail();
      const first = await storage().account();
      const personId = await storage().person({ email, passwordHash: 'theirs' }, [{ accountId: first, role: 'viewer' }]);
      const { id } = await invite({ email });
      const joining = { personId, passwordHash: 'former', known: true };
      await expect(storage().invitations.accept(id, joining, BY)).rejects.toThrow(UnauthorizedError);
      expect(await idsOf()).toEqual([id]);
    });

    test('an address that somebody had who is in no account any more is anew whose it is, and no identity opens it', async () => {
      const elsewhere = await storage().account();
      const squat = await invite({ accountId: elsewhere });
      const squatter = { ...newcomer(), passwordHash: 'squatted' };
      await storage().invitations.accept(squat.id, squatter, BY);
      const identity = { issuer: 'https://id.example', subject: newId('usr') };
      await storage().identities.link(identity, squat.email, () => BY);
      await storage().members.remove(elsewhere, squatter.personId, anybody, BY);
      const { id, digest, email } = await invite({ email: squat.email });
      expect(await storage().invitations.find([digest])).toEqual({ id, email, person: null });
      const joining = newcomer();
      expect(await storage().invitations.accept(id, joining, BY)).toMatchObject({ personId: joining.personId, accountId });
      const found = await storage().people.findByEmail(email);
      expect(found).toMatchObject({ passwordHash: 'hash', membership: { personId: joining.personId, operator: false } });
      expect(await storage().identities.find(identity)).toBeNull();
    });

    test('nobody new takes the address of a person who is in an account', async () => {
      const email = anEmail();
      const first = await storage().account();
      const personId = await storage().person({ email, passwordHash: 'theirs' }, [{ accountId: first, role: 'viewer' }]);
      const { id } = await invite({ email });
      await expect(storage().invitations.accept(id, newcomer(), BY)).rejects.toThrow(ConflictError);
      expect(await storage().people.findByEmail(email)).toMatchObject({ passwordHash: 'theirs', membership: { personId } });
    });

    test('nobody joins a suspended account, until it is resumed', async () => {
      const { id } = await invite();
      await storage().accounts.setStatus(accountId, 'suspended', BY);
      await expect(storage().invitations.accept(id, newcomer(), BY)).rejects.toThrow(ForbiddenError);
      await storage().accounts.setStatus(accountId, 'active', BY);
      expect(await storage().invitations.accept(id, newcomer(), BY)).toMatchObject({ accountId });
    });

    test('of a hundred who accept one invitation at once one joins', async () => {
      const { id } = await invite();
      const answers = await Promise.all(Array.from({ length: 100 }, () => storage().invitations.accept(id, newcomer(), BY)));
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      const { members } = await storage().members.list(accountId, { limit: 200, before: null });
      expect(members).toHaveLength(1);
    }, 30_000);

    test('of two invitations of one new address that are accepted at once as somebody new, one has to be tried again', async () => {
      const one = await invite();
      const other = await invite({ email: one.email, accountId: await storage().account() });
      const results = await Promise.allSettled([one, other].map(({ id }) => storage().invitations.accept(id, newcomer(), BY)));
      const refusals = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
      expect(refusals).toHaveLength(1);
      expect(refusals[0]).toBeInstanceOf(ConflictError);
      expect(
        (await storage().invitations.find([one.digest])) ?? (await storage().invitations.find([other.digest])),
      ).not.toBeNull();
    });
  });
}
