import { Inject, Injectable } from '@nestjs/common';
import {
  CatalogueStore,
  ConflictError,
  Enforcement,
  type Key,
  type KeyFormat,
  KeyStore,
  NotFoundError,
  PepperRing,
  type RotatedKey,
} from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { type EnforcedChange, enforcedChange, lastChangeEnforced, noSuchKey } from './enforced-change.js';
import { assertMayMake, assertWithinOwnLimits } from './grantable.js';
import { mintSecret } from './mint-secret.js';
import { onTerms } from './terms.js';

/** The longest that two secrets of a key may overlap, in seconds: 30 days. */
export const MAX_GRACE_SECONDS = 30 * 86_400;

export interface RotatedSecret extends EnforcedChange, Pick<RotatedKey, 'previous'> {
  /** Shown once; it can't be had again. */
  readonly token: string;
}

/** Exchanges the secrets of keys. The key, its id and all that it grants stay. */
@Injectable()
export class KeyRotation {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(CatalogueStore) private readonly catalogue: CatalogueStore,
    @Inject(PepperRing) private readonly peppers: PepperRing,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
  ) {}

  /**
   * Mints a new secret in the format and environment of the key; the one before it ends after the grace period. The
   * principal must be able to grant every scope of the key, by the account's policy too: whoever rotates it can use it.
   * @param graceSeconds from 0 to {@link MAX_GRACE_SECONDS}
   * @throws ForbiddenError for scopes that are not the principal's to grant, and beyond a key's own limits
   * @throws NotFoundError where the account has no such key
   * @throws ConflictError when the key is revoked or expired
   * @throws EnforcementUnconfirmedError the token is lost then: end the new secret, and rotate again
   */
  async rotate(principal: Principal, keyId: string, graceSeconds: number): Promise<RotatedSecret> {
    const { accountId } = principal;
    const named = { accountId, id: keyId };
    const key = await this.keys.find(accountId, keyId);
    if (key === null) return noSuchKey(this.enforcement, this.keys, named);
    const by = attributionOf(principal);
    const rotating = onTerms(this.catalogue, principal, [], async ({ formats, policy, version }) => {
      const assertMay = (rotated: Key) => {
        assertMayMake(policy, principal, rotated.scopes);
        assertWithinOwnLimits(principal, rotated); // its own too: a former secret would get itself another one, without its end
      };
      assertMay(key);
      const { token, secret } = mintSecret(formatOf(key, formats), key.environment, this.peppers);
      const rotated = await this.keys.rotate(accountId, keyId, { secret, graceSeconds, assertMay }, by, version);
      return rotated === null ? null : { token, ...rotated };
    });
    const rotated = await this.#conflictEnforced(named, rotating);
    if (rotated === null) return noSuchKey(this.enforcement, this.keys, named);
    const { token, previous } = rotated;
    return { token, previous, ...(await enforcedChange(this.enforcement, rotated)) };
  }

  /**
   * Ends one of two secrets at once; the same again when it is repeated.
   * @throws NotFoundError where the account has no such key, or the key no such secret
   * @throws ConflictError when nothing else of the key is accepted
   * @throws EnforcementUnconfirmedError
   */
  async endSecret(principal: Principal, keyId: string, secretId: string): Promise<EnforcedChange> {
    const { accountId } = principal;
    const named = { accountId, id: keyId };
    const ending = this.keys.endSecret(accountId, keyId, secretId, attributionOf(principal));
    const changed = await this.#conflictEnforced(named, ending);
    if (changed !== null) return enforcedChange(this.enforcement, changed);
    await lastChangeEnforced(this.enforcement, this.keys, named);
    throw new NotFoundError('There is no such secret.');
  }

  /** That a key is revoked is said only once that is in force. */
  #conflictEnforced<Changed>(named: Pick<Key, 'accountId' | 'id'>, change: Promise<Changed>): Promise<Changed> {
    return change.catch(async (error: unknown) => {
      if (error instanceof ConflictError) await lastChangeEnforced(this.enforcement, this.keys, named);
      throw error;
    });
  }
}

function formatOf(key: Key, formats: readonly KeyFormat[]): KeyFormat {
  const format = formats.find(({ name }) => name === key.format);
  if (format === undefined) throw new Error('a key is of a format that its account does not have');
  return format;
}
