import { grantingScopes, type KeyFilter, type KeyStatus } from '#libs/key-domain';

/** Values of statements, by the names that stand in them. */
export type Values = Record<string, unknown>;

/** The keys that a statement is to find, as far as it needs to know. */
export interface Wanted {
  /** What holds of each of them, which is `k` in it. */
  readonly conditions: string;
  /** That the id in a column is before the page. */
  readonly olderThan: (keyId: string) => string;
  readonly values: Values;
}

/** The moment that "now" is throughout a statement. */
export const NOW = 'statement_timestamp()';

/** Secrets made before this are due. Where the account's policy asks for no rotation, none are. */
export const DUE_BEFORE = `
  (SELECT coalesce(${NOW} - make_interval(days => least(a.rotation_days, 100000)), CAST('epoch' AS timestamptz))
   FROM accounts a WHERE a.id = :accountId)`;

const NOT_EXPIRED = `(k.expires_at IS NULL OR k.expires_at > ${NOW})`;

/** As keyStatus of key-domain decides. */
const HAS_STATUS: Readonly<Record<KeyStatus, string>> = {
  revoked: 'k.revoked_at IS NOT NULL',
  expired: `k.revoked_at IS NULL AND k.expires_at <= ${NOW}`,
  disabled: `k.revoked_at IS NULL AND NOT k.enabled AND ${NOT_EXPIRED}`,
  active: `k.revoked_at IS NULL AND k.enabled AND ${NOT_EXPIRED}`,
};

const NAMED = `
  NOT EXISTS (SELECT FROM unnest(name_words(:search)) asked
    WHERE NOT EXISTS (SELECT FROM unnest(name_words(k.name)) word WHERE starts_with(word, asked)))`;

/** A text without words is found in no name. */
const FOUND = `(
  (cardinality(name_words(:search)) > 0 AND ${NAMED}) OR k.owner_id = :search
  OR EXISTS (SELECT FROM secrets f WHERE f.key_id = k.id AND f.last_four = :search))`;

const UNUSED = `
  k.created_at < :unusedSince
  AND NOT EXISTS (SELECT FROM secrets u WHERE u.key_id = k.id AND u.last_used_at >= :unusedSince)`;

const DUE = `(SELECT max(n.created_at) FROM secrets n WHERE n.key_id = k.id AND n.newest) < ${DUE_BEFORE}`;

/** The conditions alone decide which keys are wanted: by which way those are looked for is a matter of time only. */
export function wantedKeys(accountId: string, filter: KeyFilter, before: string | null = null): Wanted {
  const { status, environment, ownerId, productId, scope, search, expiresBefore, unusedSince, rotationDue } = filter;
  const olderThan = (keyId: string) => (before === null ? 'true' : `${keyId} < :before`);
  const conditions = [
    'k.account_id = :accountId',
    olderThan('k.id'),
    status !== undefined && HAS_STATUS[status],
    environment !== undefined && 'k.environment = :environment',
    ownerId !== undefined && 'k.owner_id = :ownerId',
    productId !== undefined && '(k.all_products OR k.product_ids @> CAST(:productIds AS text[]))',
    scope !== undefined && 'k.scopes && CAST(:scopes AS text[])',
    search !== undefined && FOUND,
    expiresBefore !== undefined && 'k.expires_at < :expiresBefore',
    unusedSince !== undefined && UNUSED,
    rotationDue !== undefined && (rotationDue ? DUE : `NOT ${DUE}`),
  ];
  const values: Values = { accountId, before, environment, ownerId, search, expiresBefore, unusedSince };
  if (productId !== undefined) values['productIds'] = [productId];
  if (scope !== undefined) values['scopes'] = grantingScopes(scope);
  return { conditions: conditions.filter((condition) => condition !== false).join(' AND '), olderThan, values };
}
