import { Inject, Injectable } from '@nestjs/common';
import {
  AuditLog,
  bySystem,
  LoginThrottle,
  type Membership,
  PeopleStore,
  type RequestOrigin,
  UnauthorizedError,
} from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Passwords } from './passwords.js';
import { type OpenedSession, Sessions } from './sessions.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Signs people in by e-mail address and password. */
@Injectable()
export class SignIn {
  constructor(
    @Inject(PeopleStore) private readonly people: PeopleStore,
    @Inject(LoginThrottle) private readonly throttle: LoginThrottle,
    @Inject(AuditLog) private readonly record: AuditLog,
    @Inject(Log) private readonly log: Log,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {}

  /**
   * @throws RateLimitedError after too many attempts, before the password is looked at
   * @throws UnauthorizedError, the same for an unknown address and a wrong password
   */
  async signIn({ email, password }: Credentials, origin: RequestOrigin): Promise<OpenedSession> {
    const attempt = { email, address: origin.address ?? '' };
    await this.throttle.begin(attempt);
    const person = await this.people.findByEmail(email);
    const passwordHash = person?.passwordHash ?? null;
    const right = await this.passwords.matches(passwordHash, password);
    if (person === null || passwordHash === null || !right) {
      if (person !== null) this.#refused(person.membership, origin);
      throw new UnauthorizedError('Wrong e-mail address or password.');
    }
    await this.throttle.succeed(attempt);
    const { membership } = person;
    return { token: await this.sessions.open(membership, origin, { passwordHash }), membership };
  }

  /** Not waited for: the time of the answer would tell which e-mail addresses are known. */
  #refused({ accountId, personId }: Membership, origin: RequestOrigin): void {
    const target = { type: 'person', id: personId } as const;
    const deed = { accountId, action: 'session.refused', target, before: null, after: null } as const;
    this.record.record(deed, bySystem('sign-in', origin)).catch((error: unknown) => {
      this.log.error({ err: error, requestId: origin.requestId }, 'a refused sign-in could not be put down in the record');
    });
  }
}
