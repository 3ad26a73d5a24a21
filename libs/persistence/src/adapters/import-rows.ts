import type { Actor, ImportedKey } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';

const INSERT_KEYS = `
  INSERT INTO keys (
    id, account_id, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs, enabled,
    expires_at, created_at, created_by_type, created_by_id
  )
  SELECT id, $2, name, environment, scopes, all_products, product_ids, format, owner_id, metadata, allowed_cidrs, enabled,
         expires_at, coalesce(created_at, clock_timestamp()), $3, $4
  FROM json_to_recordset($1::json) AS row (
    id text, name text, environment text, scopes text[], all_products boolean, product_ids text[], format text, owner_id text,
    metadata jsonb, allowed_cidrs text[], enabled boolean, expires_at timestamptz, created_at timestamptz
  )`;

/** In the order of the digests: two imports of the same tokens at once wait for each other, and don't lock each other out. */
const INSERT_SECRETS = `
  INSERT INTO secrets (id, account_id, key_id, digest, pepper_id, last_four, imported, created_at)
  SELECT id, $2, key_id, decode(digest, 'hex'), pepper_id, last_four, true, coalesce(created_at, clock_timestamp())
  FROM json_to_recordset($1::json) AS row (
    id text, key_id text, digest text, pepper_id text, last_four text, created_at timestamptz
  ) ORDER BY digest`;

const INSERT_LINES = `
  INSERT INTO import_lines (account_id, line_key, key_id, digest)
  SELECT $2, line_key, key_id, decode(digest, 'hex')
  FROM json_to_recordset($1::json) AS row (line_key text, key_id text, digest text) ORDER BY line_key`;

/** A line key, and which key it stands for since. */
export interface NewLine {
  readonly lineKey: string;
  readonly keyId: string;
  readonly digest: Buffer;
}

export async function insertImported(manager: EntityManager, keys: readonly ImportedKey[], by: Actor): Promise<void> {
  const [first] = keys;
  if (first === undefined) return;
  const { accountId } = first;
  await manager.query(INSERT_KEYS, [JSON.stringify(keys.map(keyRow)), accountId, by.type, by.id]);
  await manager.query(INSERT_SECRETS, [JSON.stringify(keys.map(secretRow)), accountId]);
}

export async function insertLines(manager: EntityManager, accountId: string, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ lineKey, keyId, digest }) => ({ line_key: lineKey, key_id: keyId, digest: digest.toString('hex') }));
  await manager.query(INSERT_LINES, [JSON.stringify(rows), accountId]);
}

function keyRow(key: ImportedKey): object {
  const { id, name, environment, scopes, products, format, metadata, enabled } = key;
  return {
    ...{ id, name, environment, scopes, format, metadata, enabled },
    all_products: products === 'all',
    product_ids: products === 'all' ? [] : products,
    owner_id: key.ownerId,
    allowed_cidrs: key.allowedCidrs,
    expires_at: key.expiresAt,
    created_at: key.createdAt,
  };
}

function secretRow({ id, createdAt, secret }: ImportedKey): object {
  const { digest, pepperId } = secret.digest;
  const named = { id: secret.id, key_id: id, digest: digest.toString('hex'), pepper_id: pepperId };
  return { ...named, last_four: secret.lastFour, created_at: createdAt };
}
