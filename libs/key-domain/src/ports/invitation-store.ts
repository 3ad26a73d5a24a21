import type { Attribution } from '../audit/attribution.js';
import type { RoleCheck } from './member-store.js';
import type { Role } from '../people/role.js';
import type { Membership } from './people-store.js';

/** How many invitations an account has at most that can still be accepted. */
export const MAX_INVITATIONS = 500;

/** Somebody who may join an account. */
export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface NewInvitation {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
  readonly role: Role;
  /** Digest of the token in its link; the token itself is stored nowhere. */
  readonly digest: Uint8Array;
  readonly lifetimeSeconds: number;
}

/** An invitation whose token was presented. */
export interface PresentedInvitation {
  readonly id: string;
  readonly email: string;
  /** Who has that e-mail address already; null: nobody, or somebody who is in no account any more and no operator. */
  readonly person: { readonly id: string; readonly passwordHash: string | null } | null;
}

/** Who accepts: somebody new, or a person who is known. */
export interface Joining {
  readonly personId: string;
  /** Somebody new gets it; a person who is known proved by it who they are, and has it still. */
  readonly passwordHash: string;
  readonly known: boolean;
}

/**
 * Invitations into accounts. One that has run out by the store's clock is as good as none.
 * @throws UnavailableError when the store can't be asked
 */
export interface InvitationStore {
  /** Newest first. */
  list(accountId: string): Promise<readonly Invitation[]>;
  /**
   * Takes the place of an earlier one to the same e-mail address.
   * @param check of the role that the earlier one offers
   * @throws ConflictError when somebody of that address is a member, or the account has MAX_INVITATIONS
   */
  add(invitation: NewInvitation, check: RoleCheck, by: Attribution): Promise<Invitation>;
  /** False: the account has no such invitation. */
  withdraw(accountId: string, id: string, check: RoleCheck, by: Attribution): Promise<boolean>;
  /** By one of the digests of its token. */
  find(digests: readonly Uint8Array[]): Promise<PresentedInvitation | null>;
  /**
   * Uses it up: of any number of concurrent calls one succeeds, and the others find none (null). Whoever had the e-mail
   * address before somebody new is gone, with their password and their identities: nobody keeps an address from whom it
   * belongs to by having been in an account once.
   * @throws ConflictError when the person is a member already, or when somebody took the e-mail address meanwhile
   * @throws UnauthorizedError when the password is no longer theirs
   * @throws ForbiddenError where the account is suspended
   */
  accept(id: string, joining: Joining, by: Attribution): Promise<Membership | null>;
}

export const InvitationStore = Symbol('InvitationStore');
