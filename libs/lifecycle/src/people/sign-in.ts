import { Inject, Injectable } from '@nestjs/common';
import { type LoginAttempt, LoginThrottle, type Membership, PeopleStore, UnauthorizedError } from '#libs/key-domain';
import { Passwords } from './passwords.js';
import { Sessions } from './sessions.js';

export interface OpenedSession {
  /** Goes into the cookie, and nowhere else. */
  readonly token: string;
  readonly membership: Membership;
}

/** Signs people in by e-mail address and password. */
@Injectable()
export class SignIn {
  constructor(
    @Inject(PeopleStore) private readonly people: PeopleStore,
    @Inject(LoginThrottle) private readonly throttle: LoginThrottle,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {}

  /**
   * @throws RateLimitedError after too many attempts, before the password is looked at
   * @throws UnauthorizedError, the same for an unknown address and a wrong password
   */
  async signIn(attempt: LoginAttempt & { readonly password: string }): Promise<OpenedSession> {
    await this.throttle.begin(attempt);
    const person = await this.people.findByEmail(attempt.email);
    const right = await this.passwords.matches(person?.passwordHash ?? null, attempt.password);
    if (person === null || !right) throw new UnauthorizedError('Wrong e-mail address or password.');
    await this.throttle.succeed(attempt);
    return { token: await this.sessions.open(person.membership), membership: person.membership };
  }
}
