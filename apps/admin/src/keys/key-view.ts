import { type Key, keyStatus, type Secret } from '#libs/key-domain';
import type { EnforcedChange } from '#libs/lifecycle';

/** Word for word what Garmint's users know. */
export const SHOWN_ONCE = 'Save this key now - it will not be shown again!';

/** A key as the API shows it. */
export function keyView(key: Key, now = new Date()) {
  return {
    id: key.id,
    name: key.name,
    lastFour: key.secrets[0]?.lastFour ?? null,
    createdAt: key.createdAt,
    status: keyStatus(key, now),
    environment: key.environment,
    scopes: key.scopes,
    products: key.products,
    format: key.format,
    ownerId: key.ownerId,
    metadata: key.metadata,
    allowedCidrs: key.allowedCidrs,
    rateLimits: key.rateLimits,
    quota: key.quota,
    expiresAt: key.expiresAt,
    lastUsedAt: latest(key.secrets.map(({ lastUsedAt }) => lastUsedAt)),
    createdBy: key.createdBy,
    revokedAt: key.revokedAt,
    revocationReason: key.revocationReason,
    secrets: key.secrets.map(secretView),
  };
}

/** A key after a change that is in force. */
export function enforcedView({ key, enforced }: EnforcedChange) {
  return { metadata: keyView(key), enforced };
}

function secretView({ id, lastFour, createdAt, endsAt, lastUsedAt }: Secret) {
  return { id, lastFour, createdAt, endsAt, lastUsedAt };
}

function latest(times: readonly (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null).map((time) => time.getTime());
  return known.length === 0 ? null : new Date(Math.max(...known));
}
