import {
  type Attribution,
  ConflictError,
  type Deed,
  type Member,
  type MemberPage,
  type MemberStore,
  type Role,
  type RoleCheck,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../connection/database.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { lockAccount } from './account-lock.js';
import { putDown } from './audit-trail.js';
import { holdPerson } from './postgres-people-store.js';
import { judgedBefore } from './standing.js';

@Injectable()
export class PostgresMemberStore implements MemberStore {
  constructor(private readonly database: Database) {}

  async list(
    accountId: string,
    { limit, before }: { readonly limit: number; readonly before: string | null },
  ): Promise<MemberPage> {
    const found = await this.database.run((manager) => {
      const members = manager
        .createQueryBuilder(MembershipEntity, 'membership')
        .innerJoinAndSelect('membership.person', 'person')
        .where('membership.accountId = :accountId', { accountId })
        .orderBy('membership.personId', 'DESC');
      if (before !== null) members.andWhere('membership.personId < :before', { before });
      return members.limit(limit + 1).getMany();
    });
    return { members: found.slice(0, limit).map(toMember), hasMore: found.length > limit };
  }

  changeRole(accountId: string, personId: string, role: Role, check: RoleCheck, by: Attribution): Promise<Member | null> {
    return this.database.transaction(async (manager) => {
      await lockAccount(manager, accountId);
      const former = await memberOf(manager, accountId, personId);
      if (former === null) return null;
      check(former.role);
      if (former.role === role) return former;
      const judged = await judgedBefore(manager, membershipOf(accountId, personId), by);
      await assertOwnerLeft(manager, accountId, former);
      await manager.update(MembershipEntity, { accountId, personId }, { role });
      await putDown(manager, deedOn('member.changed', accountId, personId, { role: former.role }, { role }), judged);
      return { ...former, role };
    });
  }

  remove(accountId: string, personId: string, check: RoleCheck, by: Attribution): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      await lockAccount(manager, accountId);
      const former = await memberOf(manager, accountId, personId);
      if (former === null) return false;
      check(former.role);
      await holdPerson(manager, { personId }); // a change of their password ends sessions too, in another order
      const judged = await judgedBefore(manager, membershipOf(accountId, personId), by);
      await assertOwnerLeft(manager, accountId, former);
      await manager.delete(MembershipEntity, { accountId, personId }); // their sessions of the account with it
      const { email, role } = former;
      await putDown(manager, deedOn('member.removed', accountId, personId, { email, role }, null), judged);
      return true;
    });
  }
}

async function memberOf(manager: EntityManager, accountId: string, personId: string): Promise<Member | null> {
  const found = await manager.findOne(MembershipEntity, { where: { accountId, personId }, relations: { person: true } });
  return found === null ? null : toMember(found);
}

/** Within the lock of the account, so that two owners can't leave at once. */
async function assertOwnerLeft(manager: EntityManager, accountId: string, { personId, role }: Member): Promise<void> {
  if (role !== 'owner') return;
  const owners = await manager.find(MembershipEntity, { select: { personId: true }, where: { accountId, role } });
  if (owners.some((owner) => owner.personId !== personId)) return;
  throw new ConflictError('The account would be left without an owner: make somebody else an owner first.');
}

function toMember({ person, role, createdAt }: MembershipEntity): Member {
  return { personId: person.id, email: person.email, role, joinedAt: createdAt };
}

function deedOn(
  action: 'member.changed' | 'member.removed',
  accountId: string,
  personId: string,
  before: Deed['before'],
  after: Deed['after'],
): Deed {
  return { ...membershipOf(accountId, personId), action, before, after };
}

function membershipOf(accountId: string, personId: string): Pick<Deed, 'accountId' | 'target'> {
  return { accountId, target: { type: 'person', id: personId } };
}
