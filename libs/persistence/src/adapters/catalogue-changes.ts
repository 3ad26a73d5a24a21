import {
  type Attribution,
  type AuditedState,
  type CatalogueScope,
  changeOf,
  type CommittedChange,
  ConflictError,
  type Product,
} from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { AccountEntity } from '../schema/entities/account.entity.js';
import { KeyFormatEntity } from '../schema/entities/key-format.entity.js';
import { ProductEntity } from '../schema/entities/product.entity.js';
import { ScopeEntity } from '../schema/entities/scope.entity.js';
import { putDown } from './audit-trail.js';
import { assertRoom, SCOPES } from './catalogue-room.js';
import { noteChange } from './change-journal.js';
import { changeOffer } from './offer-version.js';

const LOCK = { mode: 'for_no_key_update' } as const;
const DELETION_LOCK = { mode: 'pessimistic_write' } as const;

const LISTED_BY_KEYS = `
  SELECT EXISTS (
    SELECT FROM key_terms t JOIN keys k ON k.id = t.key_id
    WHERE t.account_id = $1 AND t.term = 'p:' || $2 AND k.revoked_at IS NULL
  ) AS listed`;

/** What each change is made in: a transaction, for an account, on somebody's behalf. */
export interface ChangeContext {
  readonly manager: EntityManager;
  readonly accountId: string;
  readonly by: Attribution;
}

/** A key of the format keeps it, by a constraint. Null: no such format. */
export async function removeFormat({ manager, accountId, by }: ChangeContext, name: string): Promise<CommittedChange | null> {
  const account = await manager.findOne(AccountEntity, { where: { id: accountId }, lock: LOCK });
  const format = await manager.findOneBy(KeyFormatEntity, { accountId, name });
  if (account === null || format === null) return null;
  if (account.defaultFormat === name) throw new ConflictError("The format is the policy's default: choose another one first.");
  await manager.delete(KeyFormatEntity, { accountId, name });
  await changeOffer(manager, accountId);
  const { prefix, environments, encoding } = format;
  const deed = { accountId, action: 'format.deleted', target: { type: 'format', id: name } } as const;
  await putDown(manager, { ...deed, before: { name, prefix, environments, encoding }, after: null }, by);
  return noteChange(manager, { kind: 'account', accountId });
}

/** Null: no such product. */
export async function renameProduct(
  { manager, accountId, by }: ChangeContext,
  id: string,
  name: string,
): Promise<Product | null> {
  const product = await manager.findOne(ProductEntity, { where: { accountId, id }, lock: LOCK });
  if (product === null) return null;
  await manager.update(ProductEntity, { accountId, id }, { name });
  const deed = { accountId, action: 'product.updated', target: { type: 'product', id } } as const;
  await putDown(manager, { ...deed, ...changeOf({ name: product.name }, { name }) }, by);
  return { id, name, createdAt: product.createdAt };
}

/** Null: no such product. */
export async function removeProduct({ manager, accountId, by }: ChangeContext, id: string): Promise<Product | null> {
  const product = await manager.findOne(ProductEntity, { where: { accountId, id }, lock: DELETION_LOCK });
  if (product === null) return null;
  await manager.delete(ProductEntity, { accountId, id });
  await changeOffer(manager, accountId);
  const { name, createdAt } = product;
  const deed = { accountId, action: 'product.deleted', target: { type: 'product', id } } as const;
  await putDown(manager, { ...deed, before: { name }, after: null }, by);
  // Only now: whoever put a key down before is seen, and whoever does so later finds another offer.
  const [row] = await manager.query<{ listed: boolean }[]>(LISTED_BY_KEYS, [accountId, id]);
  if (row?.listed !== false) throw new ConflictError('Keys list the product: take it from them, or revoke them, first.');
  return { id, name, createdAt };
}

/** Null: no such scope. */
export async function changeScope(
  { manager, accountId, by }: ChangeContext,
  name: string,
  changes: Partial<Omit<CatalogueScope, 'name'>>,
): Promise<CatalogueScope | null> {
  const found = await manager.findOne(ScopeEntity, { where: { accountId, name }, lock: LOCK });
  if (found === null) return null;
  const former = toScope(found);
  const scope = { ...former, ...changes };
  await manager.update(ScopeEntity, { accountId, name }, { groupName: scope.group, description: scope.description });
  const deed = { accountId, action: 'scope.updated', target: { type: 'scope', id: name } } as const;
  await putDown(manager, { ...deed, ...changeOf(stateOf(former), stateOf(scope)) }, by);
  return scope;
}

/** Null: no such scope. */
export async function removeScope({ manager, accountId, by }: ChangeContext, name: string): Promise<CatalogueScope | null> {
  const found = await manager.findOne(ScopeEntity, { where: { accountId, name }, lock: DELETION_LOCK });
  if (found === null) return null;
  await manager.delete(ScopeEntity, { accountId, name });
  await changeOffer(manager, accountId);
  const scope = toScope(found);
  const deed = { accountId, action: 'scope.deleted', target: { type: 'scope', id: name } } as const;
  await putDown(manager, { ...deed, before: stateOf(scope), after: null }, by);
  return scope;
}

/** Those that the account lacked, and has since. */
export async function addMissingScopes(
  { manager, accountId, by }: ChangeContext,
  scopes: readonly CatalogueScope[],
): Promise<readonly CatalogueScope[]> {
  const rows = scopes.map(({ name, group, description }) => ({ accountId, name, groupName: group, description }));
  const inserted = await manager
    .createQueryBuilder()
    .insert()
    .into(ScopeEntity)
    .values(rows)
    .orIgnore()
    .returning('name')
    .execute();
  await assertRoom(manager, accountId, SCOPES);
  const names = new Set((inserted.raw as { readonly name: string }[]).map(({ name }) => name));
  const added = scopes.filter(({ name }) => names.has(name));
  for (const scope of added) {
    const deed = { accountId, action: 'scope.created', target: { type: 'scope', id: scope.name } } as const;
    await putDown(manager, { ...deed, before: null, after: stateOf(scope) }, by);
  }
  return added;
}

function toScope({ name, groupName, description }: ScopeEntity): CatalogueScope {
  return { name, group: groupName, description };
}

function stateOf({ group, description }: CatalogueScope): AuditedState {
  return { group, description };
}
