import type { Attribution, Identity, IdentityStore, Membership } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../connection/database.js';
import { IdentityEntity } from '../schema/entities/identity.entity.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { putDown } from './audit-trail.js';
import { foldEmail } from './folded-email.js';
import { toMembership } from './postgres-people-store.js';

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

  link(identity: Identity, email: string, by: (personId: string) => Attribution): Promise<Membership | null> {
    return this.database.transaction(async (manager) => {
      const found = await firstMembership(manager)
        .where('person.emailFolded = :email', { email: foldEmail(email) })
        .getOne();
      if (found === null) return null;
      const membership = toMembership(found);
      const { personId, accountId } = membership;
      const linked = await manager.query<object[]>(LINK, [identity.issuer, identity.subject, personId]);
      if (linked.length === 0) return null;
      const target = { type: 'person', id: personId } as const;
      await putDown(manager, { accountId, action: 'person.linked', target, before: null, after: { ...identity } }, by(personId));
      return membership;
    });
  }
}

const LINK = `INSERT INTO identities (issuer, subject, person_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING person_id`;

function firstMembership(manager: EntityManager): SelectQueryBuilder<MembershipEntity> {
  return manager
    .createQueryBuilder(MembershipEntity, 'membership')
    .innerJoinAndSelect('membership.person', 'person')
    .innerJoinAndSelect('membership.account', 'account')
    .orderBy('membership.createdAt')
    .addOrderBy('membership.accountId')
    .limit(1);
}
