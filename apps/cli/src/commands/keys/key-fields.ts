import type { Schemas } from '../../client/admin-api.js';

type Key = Schemas['Key'];
type Enforced = Schemas['EnforcedKey']['enforced'];

export const KEY_COLUMNS = ['id', 'name', 'ends in', 'status', 'environment', 'scopes', 'owner', 'last used', 'expires'] as const;

/** A key as a row below KEY_COLUMNS. */
export function keyRow(key: Key): readonly string[] {
  const { id, name, lastFour, status, environment, scopes, ownerId, lastUsedAt, expiresAt } = key;
  return [id, name, lastFour ?? '', status, environment ?? '', scopes.join(' '), ownerId ?? '', at(lastUsedAt), at(expiresAt)];
}

/** A key as a sheet of its own. */
export function keyFields(key: Key): (readonly [string, string])[] {
  const columns = KEY_COLUMNS.map((name, index) => [name, keyRow(key)[index] ?? ''] as const);
  return [
    ...columns,
    ['products', key.products === 'all' ? 'all' : key.products.join(' ')],
    ['format', key.format],
    ['addresses', key.allowedCidrs.join(' ')],
    ...key.rateLimits.map(({ name, limit, windowSeconds }) => ['rate limit', `${name}: ${limit} in ${windowSeconds} s`] as const),
    ['quota', key.quota === null ? '' : quotaText(key.quota)],
    ['metadata', JSON.stringify(key.metadata)],
    ['created', `${at(key.createdAt)} by ${key.createdBy.type} ${key.createdBy.id}`],
    ['revoked', key.revokedAt === null ? '' : `${at(key.revokedAt)} ${key.revocationReason ?? ''}`],
    ...key.secrets.map((secret) => ['secret', secretText(secret)] as const),
  ];
}

/** How a change came into force. */
export function enforcedField({ verifiers, ms, by }: Enforced): readonly [string, string] {
  return ['in force', `at ${verifiers} verifier${verifiers === 1 ? '' : 's'} after ${ms} ms, by ${by}`];
}

function quotaText({ remaining, refill }: NonNullable<Key['quota']>): string {
  return `${remaining} left${refill === null ? '' : `, ${refill.amount} again each ${refill.interval}`}`;
}

function secretText({ id, lastFour, endsAt, lastUsedAt }: Key['secrets'][number]): string {
  const end = endsAt === null ? '' : `, ends ${at(endsAt)}`;
  return `${id}, ends in ${lastFour ?? '?'}, last used ${at(lastUsedAt) || 'never'}${end}`;
}

/** A time to the second; empty for none. */
function at(time: string | null): string {
  return time === null ? '' : time.replace(/\.\d+Z$/, 'Z').replace('T', ' ');
}
