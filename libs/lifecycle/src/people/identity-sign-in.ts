import { Inject, Injectable } from '@nestjs/common';
import { ForbiddenError, type Identity, IdentityStore, type RequestOrigin } from '#libs/key-domain';
import { type OpenedSession, Sessions } from './sessions.js';

/** What an identity provider says of somebody who proved themselves to it. */
export interface ProvenIdentity extends Identity {
  /** Null: it says none, or has not verified that it is theirs. */
  readonly verifiedEmail: string | null;
}

const NOBODY_HERE =
  'Nobody here is known by that identity. Somebody with an invitation can join; then sign in with an e-mail address that the identity provider has verified.';

/** Signs in people whom an identity provider vouches for. */
@Injectable()
export class IdentitySignIn {
  constructor(
    @Inject(IdentityStore) private readonly identities: IdentityStore,
    private readonly sessions: Sessions,
  ) {}

  /**
   * The first time the person is found by a verified e-mail address; from then on by the identity alone, whatever happens
   * to the address. That first time a password that was chosen with an invitation is forgotten, and its sessions end.
   * @throws ForbiddenError where the identity is of nobody here
   */
  async signIn({ issuer, subject, verifiedEmail }: ProvenIdentity, origin: RequestOrigin): Promise<OpenedSession> {
    const identity = { issuer, subject };
    const byThemselves = (id: string) => ({ ...origin, actor: { type: 'person', id } as const });
    const membership =
      (await this.identities.find(identity)) ??
      (verifiedEmail === null ? null : await this.identities.link(identity, verifiedEmail, byThemselves));
    if (membership === null) throw new ForbiddenError(NOBODY_HERE);
    return { token: await this.sessions.open(membership, origin), membership };
  }
}
