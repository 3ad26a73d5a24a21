import { type CatalogueStore, type Grantor, type Offer, OfferChangedError, type ProductAccess } from '#libs/key-domain';
import type { Principal } from '../principal.js';

/** What an account offers to somebody who makes and changes keys, and on what rules. */
export interface Terms extends Offer {
  readonly grantor: Grantor;
}

const ATTEMPTS = 5;

/**
 * Has something done on the terms of the moment: where they change before it is committed, it is planned again on the new ones.
 * @param products that will be asked about
 * @param work is to hand the version of the terms to the store that commits it
 * @throws OfferChangedError when they change again and again
 * @throws UnavailableError
 */
export async function onTerms<Result>(
  catalogue: CatalogueStore,
  principal: Principal,
  products: readonly ProductAccess[],
  work: (terms: Terms) => Promise<Result>,
): Promise<Result> {
  const named = [...new Set(products.flatMap((access) => (access === 'all' ? [] : access)))];
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work({ ...(await catalogue.offer(principal.accountId, named)), grantor: grantorOf(principal) });
    } catch (error) {
      if (!(error instanceof OfferChangedError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** As whom the policy knows somebody. */
export function grantorOf(principal: Principal): Grantor {
  return principal.kind === 'person' ? principal.membership.role : 'managementKey';
}
