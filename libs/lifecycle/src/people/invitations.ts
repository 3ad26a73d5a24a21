import { Inject, Injectable } from '@nestjs/common';
import {
  ForbiddenError,
  type Invitation,
  InvitationStore,
  InvalidRequestError,
  type Joining,
  LoginThrottle,
  newId,
  NotFoundError,
  PepperRing,
  type PresentedInvitation,
  type RequestOrigin,
  type Role,
} from '#libs/key-domain';
import { type Page, pageOf, type PageRequest } from '../paging/page.js';
import { attributionOf, type Principal } from '../principal.js';
import { assertMayAppoint, assertMayBringIn } from './appointments.js';
import { digestsOf, mintOpaqueToken } from './opaque-token.js';
import { PASSWORD_LENGTH, Passwords } from './passwords.js';
import { type OpenedSession, Sessions } from './sessions.js';

/** How long an invitation can be accepted, in seconds: a week. */
export const INVITATION_LIFETIME_SECONDS = 7 * 24 * 3600;

export interface OpenInvitation {
  readonly invitation: Invitation;
  /** Goes into its link; it can't be had again. */
  readonly token: string;
}

/** Brings people into accounts, by links. */
@Injectable()
export class Invitations {
  constructor(
    @Inject(InvitationStore) private readonly store: InvitationStore,
    @Inject(LoginThrottle) private readonly throttle: LoginThrottle,
    @Inject(PepperRing) private readonly peppers: PepperRing,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {}

  /** Those that can still be accepted, newest first. */
  async list(accountId: string, page: PageRequest): Promise<Page<Invitation>> {
    return pageOf(await this.store.list(accountId), ({ id }) => id, page);
  }

  /**
   * Takes the place of an earlier invitation to that e-mail address, whose link is then void.
   * @throws ForbiddenError unless the role, and that of the earlier one, are the principal's to give, and to a key with limits
   * @throws ConflictError when somebody of that address is a member
   */
  async invite(principal: Principal, email: string, role: Role): Promise<OpenInvitation> {
    assertMayBringIn(principal, role);
    const { token, digest } = mintOpaqueToken(this.peppers);
    const named = { id: newId('inv'), accountId: principal.accountId, email, role, digest };
    const invitation = await this.store.add(
      { ...named, lifetimeSeconds: INVITATION_LIFETIME_SECONDS },
      (former) => {
        assertMayAppoint(principal, former);
      },
      attributionOf(principal),
    );
    return { invitation, token };
  }

  /**
   * @throws ForbiddenError unless its role is the principal's to give
   * @throws NotFoundError where the account has no such invitation, or no longer
   */
  async withdraw(principal: Principal, id: string): Promise<void> {
    const check = (role: Role) => {
      assertMayAppoint(principal, role);
    };
    const withdrawn = await this.store.withdraw(principal.accountId, id, check, attributionOf(principal));
    if (!withdrawn) throw new NotFoundError(NO_SUCH_INVITATION);
  }

  /**
   * Makes somebody new of whoever accepts, with that password; a person who is known proves that it is them by the one that
   * they have, which counts as an attempt to sign in. Somebody who is in no account any more is new.
   * @throws NotFoundError for what is no invitation, or was one
   * @throws InvalidRequestError at `password` for one that nobody can choose
   * @throws RateLimitedError after too many attempts
   * @throws ForbiddenError when the password is not that of the person, or the account is suspended
   * @throws UnauthorizedError when the password was changed meanwhile
   */
  async accept(token: string, password: string, origin: RequestOrigin): Promise<OpenedSession> {
    const digests = digestsOf(token, this.peppers);
    const invitation = digests.length === 0 ? null : await this.store.find(digests);
    if (invitation === null) throw new NotFoundError(NO_SUCH_INVITATION);
    const joining = await this.#joining(invitation, password, origin.address ?? '');
    const by = { ...origin, actor: { type: 'person', id: joining.personId } } as const;
    const membership = await this.store.accept(invitation.id, joining, by);
    if (membership === null) throw new NotFoundError(NO_SUCH_INVITATION);
    const { passwordHash } = joining;
    return { token: await this.sessions.open(membership, origin, { passwordHash }), membership };
  }

  async #joining({ email, person }: PresentedInvitation, password: string, address: string): Promise<Joining> {
    if (person === null) {
      if (password.length < PASSWORD_LENGTH.min) {
        throw InvalidRequestError.at('password', `At least ${PASSWORD_LENGTH.min} characters.`);
      }
      return { personId: newId('usr'), passwordHash: await this.passwords.hash(password), known: false };
    }
    await this.throttle.begin({ email, address });
    const { id: personId, passwordHash } = person;
    const right = await this.passwords.matches(passwordHash, password);
    if (passwordHash === null || !right) throw new ForbiddenError(GIVE_YOUR_PASSWORD);
    await this.throttle.succeed({ email, address });
    return { personId, passwordHash, known: true };
  }
}

/** The same for somebody who has none: whoever holds an invitation isn't told how its e-mail address signs in. */
const GIVE_YOUR_PASSWORD =
  'Somebody has that e-mail address already: give the password that you sign in with. Whoever signs in at an identity provider chooses one in their session first.';

/** The same for one that never was, one that is used up or has run out, and one of another account. */
const NO_SUCH_INVITATION = 'There is no such invitation, or no longer.';
