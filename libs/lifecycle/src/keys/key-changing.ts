import { Inject, Injectable } from '@nestjs/common';
import {
  CatalogueStore,
  ConflictError,
  Enforcement,
  ForbiddenError,
  type Key,
  type KeyChanges,
  KeyStore,
} from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { type ChangeRequest, planChanges } from './change-request.js';
import { type EnforcedChange, enforcedChange, lastChangeEnforced, noSuchKey } from './enforced-change.js';
import { assertMayGrant, assertMayLift, assertWithinOwnLimits } from './grantable.js';
import { assertProductsKnown } from './known-products.js';
import { onTerms, type Terms } from './terms.js';

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
   * @throws ForbiddenError for scopes that are not the principal's to grant, beyond a key's own limits, where limits are lifted of
   *   a key with scopes that the policy keeps from the principal, and to a key that would change itself
   * @throws NotFoundError where the account has no such key
   * @throws ConflictError when the key is revoked
   * @throws EnforcementUnconfirmedError
   */
  async change(principal: Principal, keyId: string, request: ChangeRequest): Promise<EnforcedChange> {
    if (principal.kind === 'key' && principal.keyId === keyId)
      throw new ForbiddenError('A key changes nothing about itself: it could lift its own limits.');
    const { accountId } = principal;
    const named = { accountId, id: keyId };
    const by = attributionOf(principal);
    const changing = onTerms(this.catalogue, principal, [request.products ?? []], (terms) => {
      const plan = (former: Key) => plannedFor(principal, request, former, terms);
      return this.keys.change(accountId, keyId, plan, by, terms.version);
    });
    const changed = await changing.catch(async (error: unknown) => {
      if (error instanceof ConflictError) await lastChangeEnforced(this.enforcement, this.keys, named);
      throw error;
    });
    if (changed === null) return noSuchKey(this.enforcement, this.keys, named);
    return enforcedChange(this.enforcement, changed);
  }
}

function plannedFor(principal: Principal, request: ChangeRequest, former: Key, terms: Terms): KeyChanges {
  const changes = planChanges(request, former, terms);
  assertMayGrant(principal, [...former.scopes, ...(changes.scopes ?? [])]);
  const changed = { ...former, ...changes };
  assertMayLift(terms.policy, principal, former, changed);
  assertWithinOwnLimits(principal, changed);
  assertProductsKnown(terms.products, request.products ?? []);
  return changes;
}
