import type { Attribution } from '../audit/attribution.js';
import type { Role } from '../people/role.js';

/** A person as an account knows them. */
export interface Membership {
  readonly personId: string;
  readonly email: string;
  /** May act across accounts. */
  readonly operator: boolean;
  readonly accountId: string;
  readonly accountName: string;
  readonly accountSuspended: boolean;
  readonly role: Role;
}

/** A person, with what their password is checked against. */
export interface KnownPerson {
  readonly membership: Membership;
  /** Null: they have none, and sign in at an identity provider alone. */
  readonly passwordHash: string | null;
}

/** How long after they signed in somebody without a password may choose one, in seconds: they have nothing else to prove themselves by. */
export const FIRST_PASSWORD_WITHIN_SECONDS = 600;

export interface Session {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  /** When its person signed in. */
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Whence it was opened; null: not known. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

export interface StoredSession extends Pick<Session, 'id' | 'createdAt' | 'expiresAt'> {
  readonly membership: Membership;
}

export interface NewSession {
  readonly id: string;
  /** Digest of the session's token; the token itself is stored nowhere. */
  readonly digest: Uint8Array;
  readonly personId: string;
  readonly accountId: string;
  readonly lifetimeSeconds: number;
  /**
   * The hash of the password that proved who they are; absent: something else did. A password that was changed meanwhile
   * opens nothing, so that no session of the former one outlives the change.
   */
  readonly passwordHash?: string;
  /** A session of the same person that ends with the opening of this one, which ends when it would have; one that is over can't be replaced. */
  readonly insteadOf?: string;
}

/**
 * People and their sessions. What begins and what ends is put down in the record of the account that it is about.
 * @throws UnavailableError when the store can't be asked
 */
export interface PeopleStore {
  /** By e-mail address, upper and lower case alike; their first account. */
  findByEmail(email: string): Promise<KnownPerson | null>;
  /** What the person is to every account that they are in, the first one first. */
  memberships(personId: string): Promise<readonly Membership[]>;
  /**
   * @throws UnauthorizedError when the password is no longer theirs, or the session that it takes the place of is over
   * @throws NotFoundError when the person is no member of the account
   */
  openSession(session: NewSession, by: Attribution): Promise<void>;
  /** The live session under one of the digests. Null: none, or ended, or expired by the store's clock. */
  findSession(digests: readonly Uint8Array[]): Promise<StoredSession | null>;
  /** The live sessions of a person in all their accounts, newest first. */
  sessionsOf(personId: string): Promise<readonly Session[]>;
  /** False: the person has no such session. */
  endSession(personId: string, sessionId: string, by: Attribution): Promise<boolean>;
  /**
   * Ends every session of the person but one; put down in the record of each of their accounts.
   * @param former the hash that is replaced; null: they had no password
   * @param kept the session that goes on
   * @returns how many sessions ended
   * @throws ConflictError when the password is another one by now
   * @throws UnauthorizedError when the session is over
   * @throws ForbiddenError when they had no password, and signed in longer ago than FIRST_PASSWORD_WITHIN_SECONDS
   */
  changePassword(
    personId: string,
    hashes: { readonly former: string | null; readonly next: string },
    kept: string,
    by: Attribution,
  ): Promise<number>;
  /**
   * Whatever the password was, and ends every session of the person; put down in the record of each of their accounts.
   * @param next the hash of the password that they have from now on
   * @returns how many sessions ended
   */
  resetPassword(personId: string, next: string, by: Attribution): Promise<number>;
}

export const PeopleStore = Symbol('PeopleStore');
