export const ROLES = ['owner', 'admin', 'developer', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** A person as an account knows them. */
export interface Membership {
  readonly personId: string;
  readonly email: string;
  /** May act across accounts. */
  readonly operator: boolean;
  readonly accountId: string;
  readonly accountName: string;
  readonly role: Role;
}

export interface StoredSession {
  readonly membership: Membership;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface NewSession {
  /** Digest of the session's token; the token itself is stored nowhere. */
  readonly digest: Uint8Array;
  readonly personId: string;
  readonly accountId: string;
  readonly lifetimeSeconds: number;
}

/**
 * People and their sessions.
 * @throws UnavailableError when the store can't be asked
 */
export interface PeopleStore {
  /** By e-mail address, upper and lower case alike; their first account. */
  findByEmail(email: string): Promise<{ readonly membership: Membership; readonly passwordHash: string } | null>;
  openSession(session: NewSession): Promise<void>;
  /** The live session under one of the digests. Null: none, or ended, or expired by the store's clock. */
  findSession(digests: readonly Uint8Array[]): Promise<StoredSession | null>;
  /** Ends it; does nothing where there is none. */
  endSession(digests: readonly Uint8Array[]): Promise<void>;
}

export const PeopleStore = Symbol('PeopleStore');
