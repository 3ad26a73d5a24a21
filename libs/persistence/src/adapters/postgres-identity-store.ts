import type { Attribution, Deed, Identity, IdentityStore, Membership } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../connection/database.js';
import { IdentityEntity } from '../schema/entities/identity.entity.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { foldEmail, provesItsFold } from './folded-email.js';
import { holdPerson, putDownAll, toMembership } from './postgres-people-store.js';

@Injectable()
export class PostgresIdentityStore implements IdentityStore {
  constructor(private readonly database: Database) {}

  find({ issuer, subject }: Identity): Promise<Membership | null> {
    return this.database.run(async (manager) => {
      const found = await firstMembership(manager)
        .innerJoin(IdentityEntity, 'identity', 'identity.personId = person.id')
        .where('identity.issuer = :issuer AND identity.subject = :subject', { issuer, subject })
        .getOne();
      return found === null ? null : toMembership(found);
    });
  }

  async link(identity: Identity, email: string, by: (personId: string) => Attribution): Promise<Membership | null> {
    if (!provesItsFold(email)) return null;
    return this.database.transaction(async (manager) => {
      const found = await firstMembership(manager)
        .where('person.emailFolded = :email', { email: foldEmail(email) })
        .getOne();
      if (found === null) return null;
      const membership = toMembership(found);
      const { personId } = membership;
      await holdPerson(manager, { personId });
      const linked = await manager.query<object[]>(LINK, [identity.issuer, identity.subject, personId]);
      if (linked.length === 0) return null;
      const after = { ...identity, ...(await takeBack(manager, membership)) };
      const memberships = await manager.findBy(MembershipEntity, { personId });
      await putDownAll(
        manager,
        memberships.map(({ accountId }) => deedOn(accountId, personId, after)),
        by(personId),
      );
      return membership;
    });
  }
}

const LINK = `INSERT INTO identities (issuer, subject, person_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING person_id`;

/** Takes from whoever is in by a password what they have by it; an operator's was chosen when the installation was set up. */
async function takeBack(manager: EntityManager, { personId, operator }: Membership) {
  if (operator) return { passwordForgotten: false, sessionsEnded: 0 };
  const [, forgotten] = await manager.query<[unknown, number]>(
    'UPDATE people SET password_hash = NULL WHERE id = $1 AND password_hash IS NOT NULL',
    [personId],
  );
  const [, sessionsEnded] = await manager.query<[unknown, number]>('DELETE FROM sessions WHERE person_id = $1', [personId]);
  return { passwordForgotten: forgotten > 0, sessionsEnded };
}

function deedOn(accountId: string, personId: string, after: Deed['after']): Deed {
  return { accountId, action: 'person.linked', target: { type: 'person', id: personId }, before: null, after };
}

function firstMembership(manager: EntityManager): SelectQueryBuilder<MembershipEntity> {
  return manager
    .createQueryBuilder(MembershipEntity, 'membership')
    .innerJoinAndSelect('membership.person', 'person')
    .innerJoinAndSelect('membership.account', 'account')
    .orderBy('membership.createdAt')
    .addOrderBy('membership.accountId')
    .limit(1);
}
