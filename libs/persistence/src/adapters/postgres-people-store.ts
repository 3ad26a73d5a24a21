import {
  type Attribution,
  ConflictError,
  type Deed,
  FIRST_PASSWORD_WITHIN_SECONDS,
  ForbiddenError,
  type KnownPerson,
  type Membership,
  type NewSession,
  NotFoundError,
  type PeopleStore,
  type Session,
  type StoredSession,
  UnauthorizedError,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../connection/database.js';
import { onViolation } from '../connection/store-error.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { SessionEntity } from '../schema/entities/session.entity.js';
import { putDown } from './audit-trail.js';
import { foldEmail } from './folded-email.js';

/** Sessions that have run out are cleared away when others begin, this many at most. */
const CLEARED_AT_ONCE = 100;

@Injectable()
export class PostgresPeopleStore implements PeopleStore {
  constructor(private readonly database: Database) {}

  findByEmail(email: string): Promise<KnownPerson | null> {
    return this.database.run(async (manager) => {
      const found = await selectMemberships(manager)
        .where('person.emailFolded = :email', { email: foldEmail(email) })
        .limit(1)
        .getOne();
      return found === null ? null : { membership: toMembership(found), passwordHash: found.person.passwordHash };
    });
  }

  memberships(personId: string): Promise<readonly Membership[]> {
    return this.database.run(async (manager) => {
      const found = await selectMemberships(manager).where('membership.personId = :personId', { personId }).getMany();
      return found.map(toMembership);
    });
  }

  openSession(session: NewSession, by: Attribution): Promise<void> {
    return this.database
      .transaction(async (manager) => {
        await holdPerson(manager, session);
        await insertSession(manager, session, by);
        const ended = session.insteadOf === undefined ? null : await succeed(manager, session, session.insteadOf);
        await clearEndedSessions(manager);
        const opened = deedOn('session.opened', session.accountId, session.personId, null, { session: session.id });
        await putDownAll(manager, ended === null ? [opened] : [ended, opened], by);
      })
      .catch(onViolation({ sessions_person_id_account_id_fkey: () => new NotFoundError('There is no such account.') }));
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
      const { id, createdAt, expiresAt } = found;
      return { id, createdAt, expiresAt, membership: toMembership(found.membership) };
    });
  }

  sessionsOf(personId: string): Promise<readonly Session[]> {
    return this.database.run(async (manager) => {
      const found = await manager
        .createQueryBuilder(SessionEntity, 'session')
        .innerJoinAndSelect('session.membership', 'membership')
        .innerJoinAndSelect('membership.account', 'account')
        .where('session.personId = :personId', { personId })
        .andWhere('session.expiresAt > clock_timestamp()')
        .orderBy('session.createdAt', 'DESC')
        .addOrderBy('session.id', 'DESC')
        .getMany();
      return found.map(toSession);
    });
  }

  endSession(personId: string, sessionId: string, by: Attribution): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const ended = await endOne(manager, personId, sessionId);
      if (ended === null) return false;
      const isItself = by.standing?.kind === 'oneself' && by.standing.sessionId === sessionId; // which went on until now, and is held
      await putDown(manager, ended, isItself ? { ...by, standing: undefined } : by);
      return true;
    });
  }

  changePassword(
    personId: string,
    { former, next }: { readonly former: string | null; readonly next: string },
    kept: string,
    by: Attribution,
  ): Promise<number> {
    return this.database.transaction(async (manager) => {
      await holdPerson(manager, { personId });
      await assertGoesOn(manager, personId, kept, former === null);
      const [, changed] = await manager.query<[unknown, number]>(
        'UPDATE people SET password_hash = $3 WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $2',
        [personId, former, next],
      );
      if (changed === 0) throw new ConflictError('The password has been changed meanwhile.');
      return endSessions(manager, personId, kept, by);
    });
  }

  resetPassword(personId: string, next: string, by: Attribution): Promise<number> {
    return this.database.transaction(async (manager) => {
      await holdPerson(manager, { personId });
      await manager.query('UPDATE people SET password_hash = $2 WHERE id = $1', [personId, next]);
      return endSessions(manager, personId, null, by);
    });
  }
}

/**
 * Those of the former password.
 * @param kept the one that goes on; null: none does
 */
async function endSessions(manager: EntityManager, personId: string, kept: string | null, by: Attribution): Promise<number> {
  const [, ended] = await manager.query<[unknown, number]>(
    'DELETE FROM sessions WHERE person_id = $1 AND id IS DISTINCT FROM $2',
    [personId, kept],
  );
  const memberships = await manager.findBy(MembershipEntity, { personId });
  const deeds = memberships.map(({ accountId }) =>
    deedOn('password.changed', accountId, personId, null, { sessionsEnded: ended }),
  );
  await putDownAll(manager, deeds, by);
  return ended;
}

function selectMemberships(manager: EntityManager): SelectQueryBuilder<MembershipEntity> {
  return manager
    .createQueryBuilder(MembershipEntity, 'membership')
    .innerJoinAndSelect('membership.person', 'person')
    .innerJoinAndSelect('membership.account', 'account')
    .orderBy('membership.createdAt')
    .addOrderBy('membership.accountId');
}

export function toMembership({ person, account, role }: MembershipEntity): Membership {
  return {
    personId: person.id,
    email: person.email,
    operator: person.operator,
    accountId: account.id,
    accountName: account.name,
    accountSuspended: account.status === 'suspended',
    role,
  };
}

function toSession({ id, accountId, membership, createdAt, expiresAt, address, userAgent }: SessionEntity): Session {
  return { id, accountId, accountName: membership.account.name, createdAt, expiresAt, address, userAgent };
}

/**
 * Holds the person until the commit, whatever proved who they are: a change of the password waits, and then ends this session
 * with the others; one that was under way has ended the session that this one is to take the place of. Alone, since any number
 * who share a row keep the change waiting for as long as they come.
 */
export async function holdPerson(
  manager: EntityManager,
  { personId, passwordHash }: Pick<NewSession, 'personId' | 'passwordHash'>,
): Promise<void> {
  const found = await manager.query<{ same: boolean }[]>(
    'SELECT $2::text IS NULL OR password_hash IS NOT DISTINCT FROM $2 AS same FROM people WHERE id = $1 FOR NO KEY UPDATE',
    [personId, passwordHash ?? null],
  );
  if (found[0]?.same === false) throw new UnauthorizedError('Wrong e-mail address or password.');
}

/**
 * Ends a session in favour of another one, which goes on for no longer than it would have: whoever took one can't prolong it by
 * going from account to account.
 * @throws UnauthorizedError when it is over: of any number that take its place at once, one does.
 */
async function succeed(manager: EntityManager, { id, personId }: NewSession, formerId: string): Promise<Deed> {
  await manager.query(
    `UPDATE sessions SET created_at = former.created_at, expires_at = former.expires_at
     FROM sessions former WHERE sessions.id = $1 AND former.id = $2 AND former.person_id = $3`,
    [id, formerId, personId],
  );
  const ended = await endOne(manager, personId, formerId);
  if (ended === null) throw new UnauthorizedError('The session is over.');
  return ended;
}

/**
 * Once the person is held: a session that ended while its request was under way, since the person was linked or the password
 * changed, chooses no password any more; nor does one that somebody left open choose a first one.
 * @throws UnauthorizedError when it is over
 * @throws ForbiddenError when it is too old for a first password
 */
async function assertGoesOn(manager: EntityManager, personId: string, sessionId: string, first: boolean): Promise<void> {
  const [session] = await manager.query<{ fresh: boolean }[]>(
    `SELECT created_at > clock_timestamp() - make_interval(secs => $3) AS fresh FROM sessions WHERE id = $1 AND person_id = $2`,
    [sessionId, personId, FIRST_PASSWORD_WITHIN_SECONDS],
  );
  if (session === undefined) throw new UnauthorizedError('The session is over.');
  if (first && !session.fresh) throw new ForbiddenError(SIGN_IN_ANEW);
}

const SIGN_IN_ANEW = `Sign in at the identity provider anew: a first password is chosen within ${FIRST_PASSWORD_WITHIN_SECONDS / 60} minutes of it.`;

async function insertSession(manager: EntityManager, session: NewSession, { address, userAgent }: Attribution): Promise<void> {
  const { id, digest, personId, accountId, lifetimeSeconds } = session;
  await manager.query(
    `INSERT INTO sessions (id, digest, person_id, account_id, address, user_agent, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))`,
    [id, Buffer.from(digest), personId, accountId, address, userAgent, lifetimeSeconds],
  );
}

/** What is to be put down of it; null: there is no such session. */
async function endOne(manager: EntityManager, personId: string, sessionId: string): Promise<Deed | null> {
  const [ended] = await manager.query<[{ account_id: string }[], number]>(
    'DELETE FROM sessions WHERE id = $1 AND person_id = $2 AND expires_at > clock_timestamp() RETURNING account_id',
    [sessionId, personId],
  );
  const [session] = ended;
  return session === undefined ? null : deedOn('session.ended', session.account_id, personId, { session: sessionId }, null);
}

/** The chains in one order everywhere: two that add to several at once must not each wait for the other. */
export async function putDownAll(manager: EntityManager, deeds: readonly Deed[], by: Attribution): Promise<void> {
  const sorted = deeds.toSorted((one, other) => (one.accountId < other.accountId ? -1 : Number(one.accountId > other.accountId)));
  for (const deed of sorted) await putDown(manager, deed, by);
}

/** After a session was added, which holds its membership: who ends a membership must never wait for us and we for them. */
async function clearEndedSessions(manager: EntityManager): Promise<void> {
  await manager.query(
    `DELETE FROM sessions WHERE digest IN
       (SELECT digest FROM sessions WHERE expires_at <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [CLEARED_AT_ONCE],
  );
}

function deedOn(
  action: 'session.opened' | 'session.ended' | 'password.changed',
  accountId: string,
  personId: string,
  before: Deed['before'],
  after: Deed['after'],
): Deed {
  return { accountId, action, target: { type: 'person', id: personId }, before, after };
}
