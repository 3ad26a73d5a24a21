import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Membership, PeopleStore, PepperRing, type StoredSession, tokenSha256 } from '#libs/key-domain';

/** How long a session lasts, in seconds: one working day. */
export const SESSION_LIFETIME_SECONDS = 12 * 3600;

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The sessions of people who signed in. Their tokens are stored as keys' are: as peppered digests alone. */
@Injectable()
export class Sessions {
  constructor(
    @Inject(PeopleStore) private readonly people: PeopleStore,
    @Inject(PepperRing) private readonly peppers: PepperRing,
  ) {}

  /** @returns the session's token */
  async open(membership: Pick<Membership, 'personId' | 'accountId'>): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    await this.people.openSession({
      digest: this.peppers.digest(tokenSha256(token)).digest,
      personId: membership.personId,
      accountId: membership.accountId,
      lifetimeSeconds: SESSION_LIFETIME_SECONDS,
    });
    return token;
  }

  /** Null where the token is no live session's. */
  async find(token: string): Promise<StoredSession | null> {
    return TOKEN.test(token) ? this.people.findSession(this.digestsOf(token)) : null;
  }

  async end(token: string): Promise<void> {
    if (TOKEN.test(token)) await this.people.endSession(this.digestsOf(token));
  }

  private digestsOf(token: string): readonly Uint8Array[] {
    return this.peppers.digests(tokenSha256(token)).map(({ digest }) => digest);
  }
}
