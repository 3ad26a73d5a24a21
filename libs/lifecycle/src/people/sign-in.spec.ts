import { describe, expect, test } from '@jest/globals';
import {
  type LoginThrottle,
  type Membership,
  type NewSession,
  type PeopleStore,
  PepperRing,
  RateLimitedError,
  UnauthorizedError,
} from '#libs/key-domain';
import { Passwords } from './passwords.js';
import { SESSION_LIFETIME_SECONDS, Sessions } from './sessions.js';
import { SignIn } from './sign-in.js';

const OWNER: Membership = {
  personId: 'usr_1',
  email: 'owner@mint.example',
  operator: true,
  accountId: 'acc_1',
  accountName: 'Mint',
  role: 'owner',
};
const passwords = new Passwords();
const oldPepper = { id: 'old', key: Buffer.alloc(32, 1) };
const newPepper = { id: 'new', key: Buffer.alloc(32, 2) };

class People implements PeopleStore {
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
    return Promise.resolve(live ? { membership: OWNER, createdAt: new Date(), expiresAt: new Date() } : null);
  }

  endSession() {
    this.sessions.length = 0;
    return Promise.resolve();
  }
}

async function signInDesk(throttle: Partial<LoginThrottle> = {}) {
  const people = new People(await passwords.hash('correct horse'));
  const sessions = new Sessions(people, new PepperRing([oldPepper]));
  const calls: string[] = [];
  const counted: LoginThrottle = {
    begin: () => Promise.resolve(void calls.push('begin')),
    succeed: () => Promise.resolve(void calls.push('succeed')),
    ...throttle,
  };
  return { people, sessions, calls, signIn: new SignIn(people, counted, passwords, sessions) };
}

const attempt = (email: string, password: string) => ({ email, password, address: '192.0.2.1' });

describe('signing in', () => {
  test('with the right password opens a session of 12 hours, of which only a digest is stored', async () => {
    const { people, sessions, calls, signIn } = await signInDesk();
    const { token, membership } = await signIn.signIn(attempt(OWNER.email, 'correct horse'));
    expect(membership).toEqual(OWNER);
    expect(people.sessions).toMatchObject([{ personId: 'usr_1', accountId: 'acc_1', lifetimeSeconds: SESSION_LIFETIME_SECONDS }]);
    expect(JSON.stringify(people.sessions)).not.toContain(token);
    expect(await sessions.find(token)).toMatchObject({ membership: OWNER });
    expect(calls).toEqual(['begin', 'succeed']);
  });

  test('fails alike for a wrong password and an unknown address, and forgives no failure', async () => {
    const { people, calls, signIn } = await signInDesk();
    const wrong = await signIn.signIn(attempt(OWNER.email, 'wrong')).catch((error: unknown) => error);
    const unknown = await signIn.signIn(attempt('nobody@mint.example', 'wrong')).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(UnauthorizedError);
    expect(unknown).toEqual(wrong);
    expect(people.sessions).toEqual([]);
    expect(calls).toEqual(['begin', 'begin']);
  });

  test('is refused before the password is looked at once there were too many attempts', async () => {
    const { people, signIn } = await signInDesk({ begin: () => Promise.reject(new RateLimitedError('Too many.', 60)) });
    await expect(signIn.signIn(attempt(OWNER.email, 'correct horse'))).rejects.toThrow(RateLimitedError);
    expect(people.sessions).toEqual([]);
  });
});

describe('a session', () => {
  test('outlives a change of the current pepper', async () => {
    const { people, sessions } = await signInDesk();
    const token = await sessions.open(OWNER);
    const afterwards = new Sessions(people, new PepperRing([newPepper, oldPepper]));
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
