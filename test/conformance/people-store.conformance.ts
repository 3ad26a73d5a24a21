import { beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError, newId, NotFoundError, UnauthorizedError } from '#libs/key-domain';
import { aDigest, anEmail, BY } from './factories.js';
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
    const openNamed = async (lifetimeSeconds = 3600, given: object = {}) => {
      const { digest } = aDigest();
      const id = newId('ses');
      await storage().people.openSession({ id, digest, personId, accountId, lifetimeSeconds, ...given }, BY);
      return { id, digest };
    };
    const open = async (lifetimeSeconds: number) => (await openNamed(lifetimeSeconds)).digest;

    test('a person is found by e-mail address, upper and lower case alike, as they wrote it', async () => {
      for (const typed of [email, email.toUpperCase(), email.toLowerCase()]) {
        expect(await storage().people.findByEmail(typed)).toEqual({
          passwordHash: PASSWORD_HASH,
          membership: {
            personId,
            email,
            operator: false,
            accountId,
            accountName: expect.any(String),
            accountSuspended: false,
            role: 'developer',
          },
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
      const [ended, other] = [await openNamed(), await openNamed()];
      expect(await storage().people.endSession(personId, ended.id, BY)).toBe(true);
      expect(await storage().people.findSession([ended.digest])).toBeNull();
      expect(await storage().people.findSession([other.digest])).not.toBeNull();
      expect(await storage().people.endSession(personId, ended.id, BY)).toBe(false);
    });

    test('nobody ends a session of somebody else', async () => {
      const { id, digest } = await openNamed();
      const other = await storage().person({ email: anEmail(), passwordHash: PASSWORD_HASH }, [{ accountId, role: 'owner' }]);
      expect(await storage().people.endSession(other, id, BY)).toBe(false);
      expect(await storage().people.endSession(personId, newId('ses'), BY)).toBe(false);
      expect(await storage().people.findSession([digest])).not.toBeNull();
    });

    test('the sessions of a person are listed newest first, with whence they came, and no others', async () => {
      const email = anEmail();
      const accounts = [await storage().account(), await storage().account()] as const;
      const person = await storage().person(
        { email, passwordHash: PASSWORD_HASH },
        accounts.map((id) => ({ accountId: id, role: 'viewer' as const })),
      );
      const first = await openNamed(3600, { personId: person, accountId: accounts[0] });
      const second = await openNamed(3600, { personId: person, accountId: accounts[1] });
      await openNamed(0, { personId: person, accountId: accounts[0] });
      const listed = await storage().people.sessionsOf(person);
      expect(listed.map(({ id, accountId: of }) => [id, of])).toEqual([
        [second.id, accounts[1]],
        [first.id, accounts[0]],
      ]);
      expect(listed[0]).toMatchObject({ address: BY.address, userAgent: BY.userAgent });
      const memberships = await storage().people.memberships(person);
      expect(memberships.map((membership) => membership.accountId)).toEqual([...accounts]);
    });

    test('a session opened instead of another ends that one', async () => {
      const former = await openNamed();
      const next = await openNamed(3600, { insteadOf: former.id });
      expect(await storage().people.findSession([former.digest])).toBeNull();
      expect(await storage().people.findSession([next.digest])).not.toBeNull();
    });

    test('a session that takes the place of another began when that one did, and ends when it would have', async () => {
      const former = await openNamed(1_800);
      await storage().openedEarlier(former.id, 60);
      const timesOf = async ({ digest }: { readonly digest: Uint8Array }) => {
        const { createdAt, expiresAt } = (await storage().people.findSession([digest])) ?? {};
        return { createdAt, expiresAt };
      };
      const times = await timesOf(former);
      expect(await timesOf(await openNamed(3_600, { insteadOf: former.id }))).toEqual(times);
    });

    test('one that is over can not be replaced, so that of many who take its place at once one does', async () => {
      const person = await storage().person({ email: anEmail(), passwordHash: 'former' }, [{ accountId, role: 'viewer' }]);
      const former = await openNamed(3600, { personId: person });
      const given = { personId: person, insteadOf: former.id };
      const switches = await Promise.allSettled(Array.from({ length: 100 }, () => openNamed(3600, given)));
      const refusals = switches.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(refusals).toHaveLength(99);
      for (const refusal of refusals) expect(refusal).toBeInstanceOf(UnauthorizedError);
      expect(await storage().people.sessionsOf(person)).toHaveLength(1);
    });

    test('no session is opened in an account of which the person is no member', async () => {
      await expect(openNamed(3600, { accountId: await storage().account() })).rejects.toThrow(NotFoundError);
    });

    test('a change of the password ends every other session, and opens none by the former one', async () => {
      const person = await storage().person({ email: anEmail(), passwordHash: 'former' }, [{ accountId, role: 'viewer' }]);
      const mine = { personId: person };
      const [kept, other] = [await openNamed(3600, { ...mine, passwordHash: 'former' }), await openNamed(3600, mine)];
      const hashes = { former: 'former', next: 'next' };
      expect(await storage().people.changePassword(person, hashes, kept.id, BY)).toBe(1);
      expect(await storage().people.findSession([other.digest])).toBeNull();
      expect(await storage().people.findSession([kept.digest])).not.toBeNull();
      await expect(openNamed(3600, { ...mine, passwordHash: 'former' })).rejects.toThrow(UnauthorizedError);
      await expect(storage().people.changePassword(person, hashes, kept.id, BY)).rejects.toThrow(ConflictError);
    });

    test('a password that is reset ends every session, and opens none any more, whatever it was', async () => {
      const accounts = [accountId, await storage().account()];
      const memberships = accounts.map((id) => ({ accountId: id, role: 'viewer' as const }));
      const person = await storage().person({ email: anEmail(), passwordHash: 'former' }, memberships);
      const mine = { personId: person };
      const session = await openNamed(3600, { ...mine, passwordHash: 'former' });
      expect(await storage().people.resetPassword(person, 'next', BY)).toBe(1);
      expect(await storage().people.findSession([session.digest])).toBeNull();
      await expect(openNamed(3600, { ...mine, passwordHash: 'former' })).rejects.toThrow(UnauthorizedError);
      await openNamed(3600, { ...mine, passwordHash: 'next' });
      for (const id of accounts) {
        const [entry] = await storage().audit.after(id, { target: person, action: 'password.changed' }, 0, 10);
        expect(JSON.parse(entry?.change.text ?? '')).toEqual({ before: null, after: { sessionsEnded: 1 } });
      }
    });

    test('of sign-ins by a password and its change at once no session of the former password is left', async () => {
      const person = await storage().person({ email: anEmail(), passwordHash: 'former' }, [{ accountId, role: 'viewer' }]);
      const kept = await openNamed(3600, { personId: person });
      const signIns = Array.from({ length: 20 }, () => openNamed(3600, { personId: person, passwordHash: 'former' }));
      const change = storage().people.changePassword(person, { former: 'former', next: 'next' }, kept.id, BY);
      await Promise.allSettled([...signIns, change]);
      await change;
      expect((await storage().people.sessionsOf(person)).map(({ id }) => id)).toEqual([kept.id]);
    });

    test('whoever goes on from session to session while the password is changed is out', async () => {
      const person = await storage().person({ email: anEmail(), passwordHash: 'former' }, [{ accountId, role: 'viewer' }]);
      const mine = { personId: person };
      const kept = await openNamed(3600, mine);
      const goesOn = async (from: string): Promise<unknown> => {
        const next = await openNamed(3600, { ...mine, insteadOf: from }).catch((error: unknown) => error);
        return next instanceof Error ? next : goesOn((next as { readonly id: string }).id);
      };
      const stolen = await Promise.all(Array.from({ length: 8 }, () => openNamed(3600, mine)));
      const ways = stolen.map(({ id }) => goesOn(id));
      await sleep(100);
      await storage().people.changePassword(person, { former: 'former', next: 'next' }, kept.id, BY);
      for (const end of await Promise.all(ways)) expect(end).toBeInstanceOf(UnauthorizedError);
      expect((await storage().people.sessionsOf(person)).map(({ id }) => id)).toEqual([kept.id]);
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
