import { OfferChangedError } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';

const NEXT_OFFER = 'UPDATE accounts SET offer_version = offer_version + 1 WHERE id = $1';
const IS_OFFERED = 'SELECT FROM accounts WHERE id = $1 AND offer_version = $2';

/** Whatever is planned by the offer as it was is refused from here on; before the deed is put down. */
export async function changeOffer(manager: EntityManager, accountId: string): Promise<void> {
  await manager.query(NEXT_OFFER, [accountId]);
}

/**
 * After the deed is put down: changes of one account follow each other from there to their commit, those of its offer too, so
 * that no other one comes between this look and the commit.
 * @throws OfferChangedError
 */
export async function assertOffered(manager: EntityManager, accountId: string, offer: number | undefined): Promise<void> {
  if (offer === undefined) return;
  const found = await manager.query<object[]>(IS_OFFERED, [accountId, offer]);
  if (found.length === 0) throw new OfferChangedError();
}
