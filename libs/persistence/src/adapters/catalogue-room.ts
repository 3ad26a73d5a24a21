import { ConflictError, MAX_FORMATS, MAX_PRODUCTS, MAX_SCOPES } from '#libs/key-domain';
import type { EntityManager, EntityTarget } from 'typeorm';
import { KeyFormatEntity } from '../schema/entities/key-format.entity.js';
import { ProductEntity } from '../schema/entities/product.entity.js';
import { ScopeEntity } from '../schema/entities/scope.entity.js';

interface Shelf {
  readonly entity: EntityTarget<{ readonly accountId: string }>;
  readonly most: number;
  /** As people call what stands on it. */
  readonly name: string;
}

export const FORMATS: Shelf = { entity: KeyFormatEntity, most: MAX_FORMATS, name: 'key formats' };
export const PRODUCTS: Shelf = { entity: ProductEntity, most: MAX_PRODUCTS, name: 'products' };
export const SCOPES: Shelf = { entity: ScopeEntity, most: MAX_SCOPES, name: 'scopes' };

/**
 * To be asked after something was added, in the same transaction: two that come at once must not both take the last room, so
 * that one waits here for the other.
 * @throws ConflictError when there is more than there may be
 */
export async function assertRoom(manager: EntityManager, accountId: string, { entity, most, name }: Shelf): Promise<void> {
  await manager.query('SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
  if ((await manager.countBy(entity, { accountId })) > most)
    throw new ConflictError(`The account has ${most} ${name}, and can have no more.`);
}
