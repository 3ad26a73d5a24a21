import { type KeyGrant, type QuotaState, VerificationCode, type VerifyTokenResponse } from '#libs/contract';
import type { KeyRecord, LimitsLeft, Verdict, VerdictCode } from '#libs/key-domain';

/** Safe to show to an end user: nothing of the key, and nothing of what was presented. */
export const MESSAGES: Readonly<Record<VerdictCode, string>> = {
  VALID: 'The key is valid.',
  MALFORMED: 'This is not a key.',
  NOT_FOUND: 'This key is not known.',
  REVOKED: 'This key has been revoked.',
  EXPIRED: 'This key has expired.',
  DISABLED: 'This key is switched off.',
  ACCOUNT_SUSPENDED: 'The account of this key is suspended.',
  ENVIRONMENT_MISMATCH: 'This key belongs to another environment.',
  IP_NOT_ALLOWED: 'This key may not be used from this address.',
  PRODUCT_NOT_ALLOWED: 'This key may not be used for this product.',
  INSUFFICIENT_SCOPE: 'This key lacks a scope that is required.',
  QUOTA_EXCEEDED: 'This key has not enough credits left.',
  RATE_LIMITED: 'This key has been used too often.',
};

/**
 * Writes a verdict as the contract has it, for nobody to keep.
 * @param left of the key's limits; null: they are not told
 */
export function writeResponse(verdict: Verdict, left: LimitsLeft | null = null): VerifyTokenResponse {
  return {
    valid: verdict.code === 'VALID',
    code: VerificationCode[`VERIFICATION_CODE_${verdict.code}`],
    message: MESSAGES[verdict.code],
    grant: verdict.record === null ? undefined : grantOf(verdict.record),
    rateLimits: left === null ? [] : left.rateLimits.map((rate) => ({ ...rate, resetsAt: new Date(rate.resetsAt) })),
    quota: quotaOf(left?.quota ?? null),
    cacheTtl: undefined,
    retryAfter: verdict.code === 'RATE_LIMITED' ? durationOf(verdict.retryAfterMs) : undefined,
    missingScopes: verdict.code === 'INSUFFICIENT_SCOPE' ? [...verdict.missingScopes] : [],
  };
}

function grantOf(record: KeyRecord): KeyGrant {
  return {
    keyId: record.keyId,
    secretId: record.secretId,
    accountId: record.accountId,
    ownerId: record.ownerId ?? '',
    name: record.name,
    environment: record.environment ?? '',
    scopes: [...record.scopes],
    allProducts: record.products === 'all',
    productIds: record.products === 'all' ? [] : [...record.products],
    allowedCidrs: [...record.allowedCidrs],
    expiresAt: record.expiresAt === null ? undefined : new Date(record.expiresAt),
    metadata: record.metadata,
  };
}

function quotaOf(left: LimitsLeft['quota']): QuotaState | undefined {
  if (left === null) return undefined;
  const { remaining, refillsAt } = left;
  return { remaining, refillsAt: refillsAt === null ? undefined : new Date(refillsAt) };
}

function durationOf(ms: number) {
  return { seconds: Math.floor(ms / 1000), nanos: Math.round((ms % 1000) * 1_000_000) };
}
