import { Inject, Injectable } from '@nestjs/common';
import { CatalogueStore, type Key, KeyStore, newId, PepperRing } from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { assertMayGrant, assertWithinOwnLimits } from './grantable.js';
import type { IssueRequest } from './issue-request.js';
import { planKey } from './key-plan.js';
import { assertProductsKnown } from './known-products.js';
import { mintSecret } from './mint-secret.js';
import { onTerms, type Terms } from './terms.js';

export interface IssuedKey {
  /** Shown once; it can't be had again. */
  readonly token: string;
  readonly key: Key;
}

/** Issues keys. */
@Injectable()
export class KeyIssuing {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(CatalogueStore) private readonly catalogue: CatalogueStore,
    @Inject(PepperRing) private readonly peppers: PepperRing,
  ) {}

  /**
   * @throws InvalidRequestError for what the account does not offer, or its policy does not allow
   * @throws ForbiddenError for scopes that are not the principal's to grant, and beyond a key's own limits
   */
  async issue(principal: Principal, request: IssueRequest): Promise<IssuedKey> {
    return onTerms(this.catalogue, principal, [request.products ?? []], (terms) => this.#issue(principal, request, terms));
  }

  async #issue(principal: Principal, request: IssueRequest, terms: Terms): Promise<IssuedKey> {
    const { accountId } = principal;
    const plan = planKey(request, terms);
    assertMayGrant(principal, plan.scopes);
    assertWithinOwnLimits(principal, plan);
    assertProductsKnown(terms.products, request.products ?? []);

    const { token, secret } = mintSecret(plan.format, plan.environment, this.peppers);
    const planned = {
      ...plan,
      id: newId('key'),
      accountId,
      name: request.name,
      format: plan.format.name,
      ownerId: request.ownerId ?? null,
      metadata: request.metadata ?? {},
      enabled: true,
      secret,
    };
    return { token, key: await this.keys.insert(planned, attributionOf(principal), terms.version) };
  }
}
