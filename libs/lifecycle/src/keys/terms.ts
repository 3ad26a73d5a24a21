import type { CatalogueStore, Grantor, Offer } from '#libs/key-domain';
import type { Principal } from '../principal.js';

/** What an account offers to somebody who makes and changes keys, and on what rules. */
export interface Terms extends Offer {
  readonly grantor: Grantor;
}

/** @throws UnavailableError */
export async function termsFor(catalogue: CatalogueStore, principal: Principal): Promise<Terms> {
  return { ...(await catalogue.offer(principal.accountId)), grantor: grantorOf(principal) };
}

function grantorOf(principal: Principal): Grantor {
  return principal.kind === 'person' ? principal.membership.role : 'managementKey';
}
