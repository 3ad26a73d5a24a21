import { Inject, Injectable } from '@nestjs/common';
import {
  type Membership,
  newId,
  type NewSession,
  NotFoundError,
  PeopleStore,
  PepperRing,
  type RequestOrigin,
  type Session,
  type StoredSession,
} from '#libs/key-domain';
import { attributionAs, type PersonPrincipal } from '../principal.js';
import { digestsOf, mintOpaqueToken } from './opaque-token.js';

/** How long a session lasts, in seconds: one working day. */
export const SESSION_LIFETIME_SECONDS = 12 * 3600;

export interface OpenedSession {
  /** Goes into the cookie, and nowhere else. */
  readonly token: string;
  readonly membership: Membership;
}

/** The sessions of people who signed in. Their tokens are stored as keys' are: as peppered digests alone. */
@Injectable()
export class Sessions {
  constructor(
    @Inject(PeopleStore) private readonly people: PeopleStore,
    @Inject(PepperRing) private readonly peppers: PepperRing,
  ) {}

  /**
   * @param proof what else is to hold when it is opened
   * @returns the session's token
   * @throws UnauthorizedError when what proved who they are holds no longer
   */
  async open(
    { personId, accountId }: Pick<Membership, 'personId' | 'accountId'>,
    origin: RequestOrigin,
    proof: Pick<NewSession, 'passwordHash' | 'insteadOf'> = {},
  ): Promise<string> {
    const { token, digest } = mintOpaqueToken(this.peppers);
    const named = { id: newId('ses'), digest, personId, accountId };
    const by = { ...origin, actor: { type: 'person', id: personId } } as const;
    await this.people.openSession({ ...named, lifetimeSeconds: SESSION_LIFETIME_SECONDS, ...proof }, by);
    return token;
  }

  /** Null where the token is no live session's. */
  async find(token: string): Promise<StoredSession | null> {
    const digests = digestsOf(token, this.peppers);
    return digests.length === 0 ? null : this.people.findSession(digests);
  }

  /** Ends the session of a token; does nothing where there is none. */
  async end(token: string, origin: RequestOrigin): Promise<void> {
    const session = await this.find(token);
    if (session === null) return;
    const { personId } = session.membership;
    await this.people.endSession(personId, session.id, { ...origin, actor: { type: 'person', id: personId } });
  }

  /** Those of the person, in whichever account, newest first. */
  list({ membership }: PersonPrincipal): Promise<readonly Session[]> {
    return this.people.sessionsOf(membership.personId);
  }

  /** @throws NotFoundError where the person has no such session */
  async endOne(principal: PersonPrincipal, sessionId: string): Promise<void> {
    const ended = await this.people.endSession(principal.membership.personId, sessionId, attributionAs('oneself', principal));
    if (!ended) throw new NotFoundError('There is no such session.');
  }

  /** What the person is to each of their accounts. */
  memberships({ personId }: Pick<Membership, 'personId'>): Promise<readonly Membership[]> {
    return this.people.memberships(personId);
  }

  /**
   * Goes on in another account of the person: in a new session, with which the old one ends.
   * @returns null where they are in that account already: nothing began or ended
   * @throws UnauthorizedError when the old one is over by then
   * @throws NotFoundError where they are in no such account
   */
  async switchAccount(principal: PersonPrincipal, accountId: string): Promise<OpenedSession | null> {
    if (accountId === principal.membership.accountId) return null;
    const memberships = await this.people.memberships(principal.membership.personId);
    const membership = memberships.find((one) => one.accountId === accountId);
    if (membership === undefined) throw new NotFoundError('There is no such account.');
    return { token: await this.open(membership, principal.origin, { insteadOf: principal.sessionId }), membership };
  }
}
