import { describe, expect, test } from '@jest/globals';
import {
  type AuditLog,
  type Deed,
  type LoginThrottle,
  type Membership,
  type NewSession,
  NO_REQUEST,
  type PeopleStore,
  PepperRing,
  RateLimitedError,
  UnauthorizedError,
} from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { Passwords } from './passwords.js';
import { SESSION_LIFETIME_SECONDS, Sessions } from './sessions.js';
import { SignIn } from './sign-in.js';

const OWNER: Membership = {
  personId: 'usr_1',
  email: 'owner@mint.example',
  operator: true,
  accountId: 'acc_1',
  accountName: 'Mint',
  accountSuspended: false,
  role: 'owner',
};
const passwords = new Passwords();
const oldPepper = { id: 'old', key: Buffer.alloc(32, 1) };
const newPepper = { id: 'new', key: Buffer.alloc(32, 2) };

class People implements Pick<PeopleStore, 'findByEmail' | 'openSession' | 'findSession'> {
  readonly sessions: NewSession[] = [];

  constructor(private readonly passwordHash: string) {}

  findByEmail(email: string) {
    return Promise.resolve(email === OWNER.email ? { membership: OWNER, passwordHash: this.passwordHash } : null);
  }

  openSession(session: NewSession) {
    this.sessions.push(session);
    return Promise.resolve();
  }

  findSession(digests: readonly Uint8Array[]) {
    const live = this.sessions.some(({ digest }) => digests.some((asked) => Buffer.compare(asked, digest) === 0));
    return Promise.resolve(live ? { id: 'ses_1', membership: OWNER, createdAt: new Date(), expiresAt: new Date() } : null);
  }
}

/** The rest of the port, which signing in has no business with. */
const store = (people: People): PeopleStore => people as Partial<PeopleStore> as PeopleStore;

async function signInDesk(throttle: Partial<LoginThrottle> = {}) {
  const people = new People(await passwords.hash('correct horse'));
  const sessions = new Sessions(store(people), new PepperRing([oldPepper]));
  const calls: string[] = [];
  const counted: LoginThrottle = {
    begin: () => Promise.resolve(void calls.push('begin')),
    succeed: () => Promise.resolve(void calls.push('succeed')),
    ...throttle,
  };
  const deeds: Deed[] = [];
  const record = { record: (deed: Deed) => Promise.resolve(void deeds.push(deed)) } as Partial<AuditLog> as AuditLog;
  const log = createLog('sign-in', { write: () => undefined });
  return { people, sessions, calls, deeds, signIn: new SignIn(store(people), counted, record, log, passwords, sessions) };
}

const ORIGIN = { ...NO_REQUEST, address: '192.0.2.1' };

describe('signing in', () => {
  test('with the right password opens a session of 12 hours, of which only a digest is stored', async () => {
    const { people, sessions, calls, signIn } = await signInDesk();
    const { token, membership } = await signIn.signIn({ email: OWNER.email, password: 'correct horse' }, ORIGIN);
    expect(membership).toEqual(OWNER);
    expect(people.sessions).toMatchObject([{ personId: 'usr_1', accountId: 'acc_1', lifetimeSeconds: SESSION_LIFETIME_SECONDS }]);
    expect(JSON.stringify(people.sessions)).not.toContain(token);
    expect(await sessions.find(token)).toMatchObject({ membership: OWNER });
    expect(calls).toEqual(['begin', 'succeed']);
  });

  test('fails alike for a wrong password and an unknown address, and forgives no failure', async () => {
    const { people, calls, deeds, signIn } = await signInDesk();
    const wrong = await signIn.signIn({ email: OWNER.email, password: 'wrong' }, ORIGIN).catch((error: unknown) => error);
    const unknown = await signIn
      .signIn({ email: 'nobody@mint.example', password: 'wrong' }, ORIGIN)
      .catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(UnauthorizedError);
    expect(unknown).toEqual(wrong);
    expect(people.sessions).toEqual([]);
    expect(calls).toEqual(['begin', 'begin']);
    expect(deeds).toMatchObject([{ accountId: 'acc_1', action: 'session.refused', target: { id: 'usr_1' } }]);
  });

  test('is refused before the password is looked at once there were too many attempts', async () => {
    const { people, signIn } = await signInDesk({ begin: () => Promise.reject(new RateLimitedError('Too many.', 60)) });
    await expect(signIn.signIn({ email: OWNER.email, password: 'correct horse' }, ORIGIN)).rejects.toThrow(RateLimitedError);
    expect(people.sessions).toEqual([]);
  });
});

describe('a session', () => {
  test('outlives a change of the current pepper', async () => {
    const { people, sessions } = await signInDesk();
    const token = await sessions.open(OWNER, ORIGIN);
    const afterwards = new Sessions(store(people), new PepperRing([newPepper, oldPepper]));
    expect(await afterwards.find(token)).not.toBeNull();
  });

  test.each(['', 'x', 'a'.repeat(44), `${'a'.repeat(42)}\0`])(
    'is not looked for under what can be no token: %j',
    async (token) => {
      const { people, sessions } = await signInDesk();
      people.findSession = () => Promise.reject(new Error('asked'));
      expect(await sessions.find(token)).toBeNull();
    },
  );
});
