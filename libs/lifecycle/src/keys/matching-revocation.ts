import { Inject, Injectable } from '@nestjs/common';
import { type Enforced, Enforcement, type KeyFilter, KeyStore, type MatchingKeys, type Revocation } from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { assertMayGrant } from './grantable.js';

export interface EnforcedRevocation {
  readonly matched: number;
  /** Those that were not revoked before. */
  readonly revoked: number;
  readonly enforced: Enforced;
}

/** Revokes many keys as one event. Whoever does it must be able to grant the scopes of Mintmark itself that they hold. */
@Injectable()
export class MatchingRevocation {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
  ) {}

  /**
   * What {@link revoke} would find now.
   * @throws ForbiddenError for scopes that are not the principal's to grant
   */
  async preview(principal: Principal, filter: KeyFilter): Promise<MatchingKeys> {
    const found = await this.keys.matching(principal.accountId, filter);
    assertMayGrant(principal, found.mintmarkScopes);
    return found;
  }

  /**
   * A repetition waits for enforcement again, whatever is left to be revoked.
   * @throws ForbiddenError for scopes that are not the principal's to grant; then none is revoked
   * @throws EnforcementUnconfirmedError
   */
  async revoke(principal: Principal, filter: KeyFilter, revocation: Revocation): Promise<EnforcedRevocation> {
    const assertMay = (scopes: readonly string[]) => assertMayGrant(principal, scopes);
    const by = attributionOf(principal);
    const { matched, revoked, change } = await this.keys.revokeMatching(principal.accountId, filter, revocation, assertMay, by);
    return { matched, revoked, enforced: await this.enforcement.enforce(change) };
  }
}
