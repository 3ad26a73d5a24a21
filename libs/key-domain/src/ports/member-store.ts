import type { Attribution } from '../audit/attribution.js';
import type { Role } from '../people/role.js';

/** A person of an account. */
export interface Member {
  readonly personId: string;
  readonly email: string;
  readonly role: Role;
  readonly joinedAt: Date;
}

/** @throws ForbiddenError unless somebody of that role may be changed */
export type RoleCheck = (former: Role) => void;

export interface MemberPage {
  readonly members: readonly Member[];
  readonly hasMore: boolean;
}

/**
 * The people of accounts. Of the changes in one account each waits for the one before it: however many come at once, an
 * account keeps an owner.
 * @throws UnavailableError when the store can't be asked
 */
export interface MemberStore {
  /** Those who were known last first. @param page `before`: the last person of the page before */
  list(accountId: string, page: { readonly limit: number; readonly before: string | null }): Promise<MemberPage>;
  /**
   * Null: the account has no such member.
   * @throws ConflictError when it would be left without an owner
   */
  changeRole(accountId: string, personId: string, role: Role, check: RoleCheck, by: Attribution): Promise<Member | null>;
  /**
   * Ends the person's sessions of the account too. False: it has no such member.
   * @throws ConflictError when it would be left without an owner
   */
  remove(accountId: string, personId: string, check: RoleCheck, by: Attribution): Promise<boolean>;
}

export const MemberStore = Symbol('MemberStore');
