import { Inject, Injectable } from '@nestjs/common';
import { ForbiddenError, LoginThrottle, PeopleStore } from '#libs/key-domain';
import { attributionAs, type PersonPrincipal } from '../principal.js';
import { Passwords } from './passwords.js';

/** Gives a person another password. */
@Injectable()
export class PasswordChange {
  constructor(
    @Inject(PeopleStore) private readonly people: PeopleStore,
    @Inject(LoginThrottle) private readonly throttle: LoginThrottle,
    private readonly passwords: Passwords,
  ) {}

  /**
   * Ends every other session of the person: whoever changes a password that somebody else knows is rid of them. The present
   * one counts as an attempt to sign in, so that a session left open is no place to guess it. Somebody who has none, since they
   * sign in at an identity provider, chooses one without, soon after they signed in: a session left open is no place for that either.
   * @param current null: they have none
   * @returns how many sessions ended
   * @throws RateLimitedError after too many attempts
   * @throws ForbiddenError when the present password is wrong, or they have none and signed in too long ago
   * @throws ConflictError when it was changed meanwhile
   */
  async change(principal: PersonPrincipal, current: string | null, next: string): Promise<number> {
    const { personId, email } = principal.membership;
    const attempt = { email, address: principal.origin.address ?? '' };
    await this.throttle.begin(attempt);
    const person = await this.people.findByEmail(email);
    const former = person?.passwordHash ?? null;
    const right = current === null ? former === null : await this.passwords.matches(former, current);
    if (person === null || !right) {
      throw new ForbiddenError('The present password is wrong.');
    }
    await this.throttle.succeed(attempt);
    const hashes = { former, next: await this.passwords.hash(next) };
    return this.people.changePassword(personId, hashes, principal.sessionId, attributionAs('oneself', principal));
  }
}
