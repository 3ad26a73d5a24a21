import { type Actor, type ImportedKey, limitsOf } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { type CopiedValue, copyRows } from '../connection/copy-rows.js';
import { utcDay } from './utc-day.js';

const KEYS = `keys (
  id, account_id, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs, limits, enabled,
  expires_at, created_at, created_by_type, created_by_id, imported_in
)`;
const SECRETS = 'secrets (id, account_id, key_id, digest, pepper_id, last_four, imported, created_at, used_day, key_made_at)';
const COUNTERS = 'limit_counters (key_id, credits, counted_at)';
const LINES = 'import_lines (account_id, line_key, key_id, digest)';

/** A line key, and which key it stands for since. */
export interface NewLine {
  readonly lineKey: string;
  readonly keyId: string;
  readonly digest: Buffer;
}

/**
 * Adds keys and their secrets; the secrets in the order of their digests: two imports of the same tokens at once wait for each
 * other, and don't lock each other out.
 * @param importId by which the record names the import
 * @param now when a key was made of which that is not known
 */
export async function insertImported(
  manager: EntityManager,
  keys: readonly ImportedKey[],
  importId: string,
  now: Date,
  by: Actor,
): Promise<void> {
  if (keys.length === 0) return;
  const byDigest = keys.toSorted((one, other) => one.secret.digest.digest.compare(other.secret.digest.digest));
  await copyRows(manager, KEYS, keys, (key) => keyRow(key, importId, now, by));
  await copyRows(manager, SECRETS, byDigest, (key) => secretRow(key, now));
  const credits = keys.flatMap(({ id, quota }) => (quota === null ? [] : [[id, String(quota.remaining), now]]));
  if (credits.length > 0) await copyRows(manager, COUNTERS, credits, (row) => row);
}

export async function insertLines(manager: EntityManager, accountId: string, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return;
  const inOrder = lines.toSorted((one, other) => (one.lineKey < other.lineKey ? -1 : 1));
  await copyRows(manager, LINES, inOrder, ({ lineKey, keyId, digest }) => [accountId, lineKey, keyId, digest]);
}

function keyRow(key: ImportedKey, importId: string, now: Date, by: Actor): readonly CopiedValue[] {
  const { products } = key;
  const limits = limitsOf(key.rateLimits, key.quota);
  return [
    key.id,
    key.accountId,
    key.name,
    key.environment,
    key.scopes,
    products === 'all',
    products === 'all' ? [] : products,
    key.format,
    key.ownerId,
    JSON.stringify(key.metadata),
    key.allowedCidrs,
    limits === null ? null : JSON.stringify(limits),
    key.enabled,
    key.expiresAt,
    key.createdAt ?? now,
    by.type,
    by.id,
    importId,
  ];
}

function secretRow({ id, accountId, createdAt, secret }: ImportedKey, now: Date): readonly CopiedValue[] {
  const { digest, pepperId } = secret.digest;
  const made = createdAt ?? now;
  return [secret.id, accountId, id, digest, pepperId, secret.lastFour, true, made, utcDay(made), made];
}
