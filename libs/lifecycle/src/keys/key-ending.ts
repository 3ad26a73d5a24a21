import { Inject, Injectable } from '@nestjs/common';
import { CatalogueStore, type ChangedKey, Enforcement, type Key, KeyStore, type Revocation } from '#libs/key-domain';
import { attributionOf, type KeyPrincipal, type Principal } from '../principal.js';
import { type EnforcedChange, enforcedChange, noSuchKey } from './enforced-change.js';
import { assertMayMake, assertWithinOwnLimits } from './grantable.js';
import { onTerms } from './terms.js';

const UNEXPLAINED: Revocation = { reason: 'unspecified', description: null };

/** Takes keys out of use. Every call waits for enforcement, a repeated one too: the first may not have got that far. */
@Injectable()
export class KeyEnding {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(CatalogueStore) private readonly catalogue: CatalogueStore,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
  ) {}

  /**
   * A key that is revoked already keeps its first reason.
   * @throws NotFoundError where the account has no such key
   * @throws EnforcementUnconfirmedError
   */
  async revoke(principal: Principal, keyId: string, revocation: Revocation = UNEXPLAINED): Promise<EnforcedChange> {
    const { accountId } = principal;
    return this.#enforced(accountId, keyId, await this.keys.revoke(accountId, keyId, revocation, attributionOf(principal)));
  }

  /** Whether the account has that key, and it is revoked. */
  async isRevoked(accountId: string, keyId: string): Promise<boolean> {
    const key = await this.keys.find(accountId, keyId);
    return key !== null && key.revokedAt !== null;
  }

  /**
   * Has a key end itself. Of one that is revoked already nothing is written, since anybody may know its token: that its last
   * change is in force is waited for.
   * @throws NotFoundError where the account has no such key, or no longer
   * @throws EnforcementUnconfirmedError
   */
  async revokeItself(principal: KeyPrincipal, revocation: Revocation): Promise<EnforcedChange> {
    const { accountId, keyId } = principal;
    const key = await this.keys.find(accountId, keyId);
    const isRevoked = key !== null && key.revokedAt !== null;
    const change = isRevoked ? await this.keys.lastChange(accountId, keyId) : null;
    if (!isRevoked || change === null) return this.revoke(principal, keyId, revocation);
    return enforcedChange(this.enforcement, { key, change });
  }

  /**
   * Deletes the key and its secrets for good, and erases its state from the record; returns it as it last was. What was
   * interrupted is finished by repeating the call. Since it takes evidence away, the principal must be able to grant every scope
   * of the key, by the account's policy too, and within a management key's own limits.
   * @throws ForbiddenError where the principal could not make such a key: it is as it was then
   * @throws NotFoundError where the account has no such key, or no longer
   * @throws EnforcementUnconfirmedError
   */
  async delete(principal: Principal, keyId: string): Promise<EnforcedChange> {
    const { accountId } = principal;
    const by = attributionOf(principal);
    const deleted = await onTerms(this.catalogue, principal, [], ({ policy, version }) => {
      const assertMay = (key: Key) => {
        assertMayMake(policy, principal, key.scopes);
        assertWithinOwnLimits(principal, key);
      };
      return this.keys.delete(accountId, keyId, UNEXPLAINED, assertMay, by, version);
    });
    try {
      return await this.#enforced(accountId, keyId, deleted);
    } finally {
      await this.keys.eraseDeleted(accountId, keyId);
    }
  }

  #enforced(accountId: string, keyId: string, changed: ChangedKey | null): Promise<EnforcedChange> {
    if (changed !== null) return enforcedChange(this.enforcement, changed);
    return noSuchKey(this.enforcement, this.keys, { accountId, id: keyId });
  }
}
