import {
  type Attribution,
  ConflictError,
  type Deed,
  ForbiddenError,
  type Invitation,
  type InvitationStore,
  type Joining,
  MAX_INVITATIONS,
  type Membership,
  type NewInvitation,
  NotFoundError,
  type PresentedInvitation,
  type RoleCheck,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../connection/database.js';
import { onViolation, StoreError } from '../connection/store-error.js';
import { InvitationEntity } from '../schema/entities/invitation.entity.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { PersonEntity } from '../schema/entities/person.entity.js';
import { lockAccount } from './account-lock.js';
import { putDown } from './audit-trail.js';
import { foldEmail } from './folded-email.js';
import { insertInvitation, toInvitation } from './stored-invitation.js';
import { AccountEntity } from '../schema/entities/account.entity.js';
import { holdPerson, toMembership } from './postgres-people-store.js';

@Injectable()
export class PostgresInvitationStore implements InvitationStore {
  constructor(private readonly database: Database) {}

  list(accountId: string): Promise<readonly Invitation[]> {
    return this.database.run(async (manager) => {
      const found = await selectLive(manager).andWhere({ accountId }).orderBy('invitation.id', 'DESC').getMany();
      return found.map(toInvitation);
    });
  }

  add(invitation: NewInvitation, check: RoleCheck, by: Attribution): Promise<Invitation> {
    const { accountId } = invitation;
    return this.database
      .transaction(async (manager) => {
        await lockAccount(manager, accountId);
        const emailFolded = foldEmail(invitation.email);
        if (await manager.existsBy(MembershipEntity, { accountId, person: { emailFolded } })) {
          throw new ConflictError('Somebody of that e-mail address is a member already.');
        }
        const former = await selectLive(manager).andWhere({ accountId, emailFolded }).getOne();
        if (former !== null) check(former.role);
        await manager.delete(InvitationEntity, { accountId, emailFolded });
        await assertRoom(manager, accountId);
        return toInvitation(await insertInvitation(manager, invitation, by));
      })
      .catch(onViolation({ invitations_account_id_fkey: () => new NotFoundError('There is no such account.') }));
  }

  withdraw(accountId: string, id: string, check: RoleCheck, by: Attribution): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      await lockAccount(manager, accountId);
      const invitation = await lockLive(manager, id);
      if (invitation?.accountId !== accountId) return false;
      check(invitation.role);
      await manager.delete(InvitationEntity, { id });
      const { email, role } = invitation;
      await putDown(manager, deedOn('invitation.withdrawn', accountId, id, { email, role }, null), by);
      return true;
    });
  }

  find(digests: readonly Uint8Array[]): Promise<PresentedInvitation | null> {
    return this.database.run(async (manager) => {
      const bytes = digests.map((digest) => Buffer.from(digest));
      const found = await selectLive(manager).andWhere('invitation.digest = ANY (:bytes::bytea[])', { bytes }).getOne();
      if (found === null) return null;
      const person = await findPerson(manager, found.emailFolded);
      return { id: found.id, email: found.email, person };
    });
  }

  accept(id: string, joining: Joining, by: Attribution): Promise<Membership | null> {
    return this.database
      .transaction(async (manager) => {
        const invitation = await lockWithAccount(manager, id);
        if (invitation === null) return null;
        const { accountId, role } = invitation;
        await manager.delete(InvitationEntity, { id });
        if (joining.known) await holdPerson(manager, joining);
        else await insertPerson(manager, invitation, joining);
        await manager.insert(MembershipEntity, { personId: joining.personId, accountId, role });
        const after = { person: joining.personId, role };
        await putDown(manager, deedOn('invitation.accepted', accountId, id, null, after), by);
        return membershipOf(manager, joining.personId, accountId);
      })
      .catch(
        onViolation({
          people_email_folded_key: () => new ConflictError('Somebody took that e-mail address meanwhile. Try again.'),
          memberships_pkey: () => new ConflictError('You are a member of the account already.'),
          memberships_person_id_fkey: () => new ConflictError('There is no such person any more. Try again.'),
        }),
      );
  }
}

/** The account is locked. Those that have run out are cleared away. */
async function assertRoom(manager: EntityManager, accountId: string): Promise<void> {
  await manager.query('DELETE FROM invitations WHERE account_id = $1 AND expires_at <= clock_timestamp()', [accountId]);
  if ((await manager.countBy(InvitationEntity, { accountId })) < MAX_INVITATIONS) return;
  throw new ConflictError(`${MAX_INVITATIONS} invitations of the account can be accepted still: withdraw some first.`);
}

/** Held until the transaction ends, by one at a time. */
function lockLive(manager: EntityManager, id: string): Promise<InvitationEntity | null> {
  return selectLive(manager).andWhere({ id }).setLock('pessimistic_write').getOne();
}

function selectLive(manager: EntityManager): SelectQueryBuilder<InvitationEntity> {
  return manager.createQueryBuilder(InvitationEntity, 'invitation').where('invitation.expiresAt > clock_timestamp()');
}

/** The account before the invitation, as whoever invites and withdraws does; it stays as it is until the transaction ends. */
async function lockWithAccount(manager: EntityManager, id: string): Promise<InvitationEntity | null> {
  const found = await selectLive(manager).andWhere({ id }).getOne();
  if (found === null) return null;
  await lockAccount(manager, found.accountId);
  const invitation = await lockLive(manager, id);
  if (invitation !== null && (await manager.existsBy(AccountEntity, { id: found.accountId, status: 'suspended' }))) {
    throw new ForbiddenError('The account is suspended: nothing of it can be changed.');
  }
  return invitation;
}

/**
 * Who proves by their password that an address is theirs. Whoever is in no account any more does not: anybody's owner could have
 * brought them in under the address of somebody else. An operator does, since no invitation makes one.
 */
async function findPerson(manager: EntityManager, emailFolded: string): Promise<PersonEntity | null> {
  const person = await manager.findOneBy(PersonEntity, { emailFolded });
  if (person === null || person.operator) return person;
  return (await manager.existsBy(MembershipEntity, { personId: person.id })) ? person : null;
}

/** In place of whoever had the address and is in no account any more, with whom their identities go. */
async function insertPerson(
  manager: EntityManager,
  { email, emailFolded }: InvitationEntity,
  { personId: id, passwordHash }: Joining,
): Promise<void> {
  // held before it is asked whether they are in an account: nobody joins as them from then on
  await manager.query('SELECT FROM people WHERE email_folded = $1 FOR UPDATE', [emailFolded]);
  await manager.query(
    `DELETE FROM people WHERE email_folded = $1 AND NOT operator
       AND NOT EXISTS (SELECT FROM memberships WHERE person_id = people.id)`,
    [emailFolded],
  );
  await manager.insert(PersonEntity, { id, email, emailFolded, passwordHash });
}

async function membershipOf(manager: EntityManager, personId: string, accountId: string): Promise<Membership> {
  const relations = { person: true, account: true };
  const found = await manager.findOne(MembershipEntity, { where: { personId, accountId }, relations });
  if (found === null) throw new StoreError('a membership that was just made is not there');
  return toMembership(found);
}

function deedOn(
  action: 'invitation.withdrawn' | 'invitation.accepted',
  accountId: string,
  id: string,
  before: Deed['before'],
  after: Deed['after'],
): Deed {
  return { accountId, action, target: { type: 'invitation', id }, before, after };
}
