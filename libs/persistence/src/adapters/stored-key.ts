import {
  type Actor,
  type AuditedState,
  type Key,
  type KeyChanges,
  limitsOf,
  type Metadata,
  type NewKey,
  type ProductAccess,
  type Secret,
} from '#libs/key-domain';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { KeyEntity } from '../schema/entities/key.entity.js';
import { SecretEntity } from '../schema/entities/secret.entity.js';
import { NOW } from './key-list/key-conditions.js';
import { quotaOf, setCredits } from './key-limits.js';

/** Keys with their secrets, both newest first, in one statement: never a key without the secrets it had at that moment. */
export function selectKeys(manager: EntityManager): SelectQueryBuilder<KeyEntity> {
  return manager
    .createQueryBuilder(KeyEntity, 'key')
    .innerJoinAndSelect('key.secrets', 'secret')
    .leftJoin('key.counter', 'counter')
    .addSelect(['counter.keyId', 'counter.credits', 'counter.countedAt'])
    .orderBy('key.id', 'DESC')
    .addOrderBy('secret.createdAt', 'DESC')
    .addOrderBy('secret.id', 'DESC');
}

/** The keys that a statement from {@link selectKeys} finds, and when that was, by the server's clock; null: it found none. */
export async function readKeys(
  select: SelectQueryBuilder<KeyEntity>,
): Promise<{ readonly keys: readonly Key[]; readonly now: Date | null }> {
  const { entities, raw } = await select.addSelect(NOW, 'now').getRawAndEntities<{ now: Date }>();
  const now = raw[0]?.now ?? null;
  return { keys: now === null ? [] : entities.map((stored) => toKey(stored, now)), now };
}

/** One key of an account, as the transaction sees it. Null: no such key. */
export async function selectKey(manager: EntityManager, accountId: string, keyId: string): Promise<Key | null> {
  const named = selectKeys(manager).where('key.accountId = :accountId AND key.id = :keyId', { accountId, keyId });
  const { keys } = await readKeys(named);
  return keys[0] ?? null;
}

/** The same, locked: nobody else changes it until the transaction ends, and what is read is what it is. */
export async function lockKey(manager: EntityManager, accountId: string, keyId: string): Promise<Key | null> {
  const lock = { mode: 'for_no_key_update' } as const;
  const locked = await manager.findOne(KeyEntity, { select: { id: true }, where: { accountId, id: keyId }, lock });
  return locked === null ? null : selectKey(manager, accountId, keyId);
}

export async function insertKey(manager: EntityManager, key: NewKey, createdBy: Actor): Promise<void> {
  const { id, accountId, name, environment, format, ownerId, metadata, enabled, expiresAt, products, quota, secret } = key;
  await manager.insert(KeyEntity, {
    ...{ id, accountId, name, environment, format, ownerId, enabled, expiresAt },
    metadata,
    scopes: [...key.scopes],
    allowedCidrs: [...key.allowedCidrs],
    ...productColumns(products),
    limits: limitsOf(key.rateLimits, quota),
    createdByType: createdBy.type,
    createdById: createdBy.id,
  });
  const { digest, lastFour } = secret;
  await manager.insert(SecretEntity, { id: secret.id, accountId, keyId: id, lastFour, ...digest, ...MADE_NOW });
  if (quota !== null) await setCredits(manager, id, quota);
}

/** By when the transaction began: no later than its key was made. */
const MADE_NOW = { usedDay: () => `(now() AT TIME ZONE 'UTC')::date`, keyMadeAt: () => 'now()' };

/** What the record tells of a key's state. */
export function auditedKey(key: Key): AuditedState {
  const { name, environment, scopes, products, format, ownerId, metadata, allowedCidrs, enabled, expiresAt } = key;
  const { rateLimits, quota, revokedAt, revocationReason, revocationDescription } = key;
  const granted = { name, environment, scopes, products, format, ownerId, metadata, allowedCidrs };
  return { ...granted, rateLimits, quota, enabled, expiresAt, revokedAt, revocationReason, revocationDescription };
}

/**
 * The columns that changes of a key are kept in. How many credits it has stands elsewhere.
 * @param version of its limits, where they are changed
 */
export function columnsOf(
  { scopes, products, allowedCidrs, rateLimits, quota, ...changes }: KeyChanges,
  former: Key,
  version: string | null,
) {
  const limits = limitsOf(rateLimits ?? former.rateLimits, quota === undefined ? former.quota : quota);
  return {
    ...changes,
    ...(scopes !== undefined && { scopes: [...scopes] }),
    ...(allowedCidrs !== undefined && { allowedCidrs: [...allowedCidrs] }),
    ...(products !== undefined && productColumns(products)),
    ...(version !== null && { limits: limits === null ? null : { ...limits, version } }),
  };
}

function productColumns(products: ProductAccess) {
  return { allProducts: products === 'all', productIds: products === 'all' ? [] : [...products] };
}

function toKey(stored: KeyEntity, now: Date): Key {
  return {
    id: stored.id,
    accountId: stored.accountId,
    name: stored.name,
    environment: stored.environment,
    scopes: stored.scopes,
    products: stored.allProducts ? 'all' : stored.productIds,
    format: stored.format,
    ownerId: stored.ownerId,
    metadata: stored.metadata as Metadata,
    allowedCidrs: stored.allowedCidrs,
    rateLimits: stored.limits?.rateLimits ?? [],
    quota: quotaOf(stored, now),
    enabled: stored.enabled,
    expiresAt: stored.expiresAt,
    createdAt: stored.createdAt,
    createdBy: { type: stored.createdByType, id: stored.createdById },
    revokedAt: stored.revokedAt,
    revocationReason: stored.revocationReason,
    revocationDescription: stored.revocationDescription,
    secrets: stored.secrets.map(toSecret),
  };
}

function toSecret({ id, lastFour, createdAt, endsAt, lastUsedAt }: SecretEntity): Secret {
  return { id, lastFour, createdAt, endsAt, lastUsedAt };
}
