import { Inject, Injectable } from '@nestjs/common';
import { type Member, MemberStore, NotFoundError, type Role } from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import type { Page, PageRequest } from '../paging/page.js';
import { attributionOf, type Principal } from '../principal.js';
import { assertMayAppoint, assertMayBringIn } from './appointments.js';

const PERSON_ID = /^usr_[0-9a-z]{1,60}$/;

/** The people of an account. */
@Injectable()
export class Members {
  constructor(@Inject(MemberStore) private readonly members: MemberStore) {}

  /** @throws InvalidRequestError at `cursor` */
  async list(accountId: string, { limit, cursor }: PageRequest): Promise<Page<Member>> {
    const before = cursor === null ? null : readCursor(cursor, (text) => PERSON_ID.test(text));
    const { members, hasMore } = await this.members.list(accountId, { limit, before });
    const last = members.at(-1);
    return { items: members, nextCursor: hasMore && last !== undefined ? writeCursor(last.personId) : null };
  }

  /**
   * @throws ForbiddenError unless both what they are and what they are to be are the principal's to give, and to a key with limits
   * @throws NotFoundError where the account has no such member
   * @throws ConflictError when the account would be left without an owner
   */
  async changeRole(principal: Principal, personId: string, role: Role): Promise<Member> {
    const check = (former: Role) => {
      assertMayAppoint(principal, former);
      assertMayBringIn(principal, role);
    };
    const member = await this.members.changeRole(principal.accountId, personId, role, check, attributionOf(principal));
    if (member === null) throw new NotFoundError(NO_SUCH_MEMBER);
    return member;
  }

  /**
   * Their sessions of the account end with it.
   * @throws ForbiddenError unless what they are is the principal's to take
   * @throws NotFoundError where the account has no such member
   * @throws ConflictError when the account would be left without an owner
   */
  async remove(principal: Principal, personId: string): Promise<void> {
    const check = (former: Role) => {
      assertMayAppoint(principal, former);
    };
    const removed = await this.members.remove(principal.accountId, personId, check, attributionOf(principal));
    if (!removed) throw new NotFoundError(NO_SUCH_MEMBER);
  }
}

/** The same for somebody who is nobody, and for a member of another account. */
const NO_SUCH_MEMBER = 'There is no such member.';
