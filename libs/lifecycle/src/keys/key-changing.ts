import { Inject, Injectable } from '@nestjs/common';
import { CatalogueStore, ConflictError, Enforcement, KeyStore } from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { type ChangeRequest, planChanges } from './change-request.js';
import { type EnforcedChange, enforcedChange, lastChangeEnforced, noSuchKey } from './enforced-change.js';
import { assertMayGrant } from './grantable.js';
import { assertProductsKnown } from './known-products.js';
import { termsFor } from './terms.js';

/** Changes what a key is and grants. Any change may take a right away, so that every one waits for enforcement. */
@Injectable()
export class KeyChanging {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(CatalogueStore) private readonly catalogue: CatalogueStore,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
  ) {}

  /**
   * The principal must be able to grant every scope that the key holds or is to hold: otherwise whoever may change
   * keys could lift the limits of one that may do more than they may.
   * @throws InvalidRequestError for what the account does not offer, or its policy does not allow
   * @throws ForbiddenError for scopes that are not the principal's to grant
   * @throws NotFoundError where the account has no such key
   * @throws ConflictError when the key is revoked
   * @throws EnforcementUnconfirmedError
   */
  async change(principal: Principal, keyId: string, request: ChangeRequest): Promise<EnforcedChange> {
    const { accountId } = principal;
    const named = { accountId, id: keyId };
    const [key, terms, now] = await Promise.all([
      this.keys.find(accountId, keyId),
      termsFor(this.catalogue, principal),
      this.keys.now(),
    ]);
    if (key === null) return noSuchKey(this.enforcement, this.keys, named);
    const changes = planChanges(request, key, terms, now);
    assertMayGrant(principal, [...key.scopes, ...(changes.scopes ?? [])]);
    await assertProductsKnown(this.catalogue, accountId, request.products ?? []);
    const by = attributionOf(principal);
    const changed = await this.keys.change(accountId, keyId, changes, by).catch(async (error: unknown) => {
      if (error instanceof ConflictError) await lastChangeEnforced(this.enforcement, this.keys, named);
      throw error;
    });
    if (changed === null) return noSuchKey(this.enforcement, this.keys, named);
    return enforcedChange(this.enforcement, changed);
  }
}
