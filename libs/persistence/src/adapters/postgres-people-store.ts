import type { Membership, NewSession, PeopleStore, StoredSession } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { Database } from '../connection/database.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { SessionEntity } from '../schema/entities/session.entity.js';
import { foldEmail } from './folded-email.js';

/** Sessions that have run out are cleared away when others begin, this many at most. */
const CLEARED_AT_ONCE = 100;

@Injectable()
export class PostgresPeopleStore implements PeopleStore {
  constructor(private readonly database: Database) {}

  findByEmail(email: string): Promise<{ readonly membership: Membership; readonly passwordHash: string } | null> {
    return this.database.run(async (manager) => {
      const found = await manager
        .createQueryBuilder(MembershipEntity, 'membership')
        .innerJoinAndSelect('membership.person', 'person')
        .innerJoinAndSelect('membership.account', 'account')
        .where('person.emailFolded = :email', { email: foldEmail(email) })
        .orderBy('membership.createdAt')
        .addOrderBy('membership.accountId')
        .limit(1)
        .getOne();
      return found === null ? null : { membership: toMembership(found), passwordHash: found.person.passwordHash };
    });
  }

  openSession(session: NewSession): Promise<void> {
    return this.database.run(async (manager) => {
      await clearEndedSessions(manager);
      await manager.query(
        `INSERT INTO sessions (digest, person_id, account_id, expires_at)
         VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))`,
        [Buffer.from(session.digest), session.personId, session.accountId, session.lifetimeSeconds],
      );
    });
  }

  findSession(digests: readonly Uint8Array[]): Promise<StoredSession | null> {
    return this.database.run(async (manager) => {
      const found = await manager
        .createQueryBuilder(SessionEntity, 'session')
        .innerJoinAndSelect('session.membership', 'membership')
        .innerJoinAndSelect('membership.person', 'person')
        .innerJoinAndSelect('membership.account', 'account')
        .where('session.digest = ANY (:digests::bytea[])', { digests: digests.map((digest) => Buffer.from(digest)) })
        .andWhere('session.expiresAt > clock_timestamp()')
        .limit(1)
        .getOne();
      if (found === null) return null;
      return { membership: toMembership(found.membership), createdAt: found.createdAt, expiresAt: found.expiresAt };
    });
  }

  endSession(digests: readonly Uint8Array[]): Promise<void> {
    return this.database.run(async (manager) => {
      await manager.delete(SessionEntity, { digest: In(digests.map((digest) => Buffer.from(digest))) });
    });
  }
}

export function toMembership({ person, account, role }: MembershipEntity): Membership {
  return {
    personId: person.id,
    email: person.email,
    operator: person.operator,
    accountId: account.id,
    accountName: account.name,
    role,
  };
}

async function clearEndedSessions(manager: EntityManager): Promise<void> {
  await manager.query(
    `DELETE FROM sessions WHERE digest IN
       (SELECT digest FROM sessions WHERE expires_at <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [CLEARED_AT_ONCE],
  );
}
