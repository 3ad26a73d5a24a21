import type { KeyRecord } from '../key/key-record.js';
import { addressInRanges } from '../network/cidr.js';
import { missingScopes } from '../scope/scope.js';
import type { Counters, VerdictRequest } from './request.js';
import type { PlainRefusalCode, Verdict } from './verdict.js';

/**
 * Judges a presented token: the only place where validity is decided.
 * Pure and total. The checks run in the order of `REFUSAL_CODES` and stop at the first that fails.
 *
 * @param record what is known of the secret; null: nothing is
 * @param counters what is left of the key's limits; null: they are not judged (the key has none, or they are
 *   taken only after everything else has passed)
 * @param now milliseconds since the Unix epoch
 */
export function decide(record: KeyRecord | null, request: VerdictRequest, counters: Counters | null, now: number): Verdict {
  if (!request.wellFormed) return { code: 'MALFORMED', record: null };
  if (record === null || isForeign(record, request)) return { code: 'NOT_FOUND', record: null };

  const refusal = refusalOfKey(record, now) ?? refusalOfUse(record, request);
  if (refusal !== null) return { code: refusal, record };

  const missing = missingScopes(record.scopes, request.requiredScopes);
  if (missing.length > 0) return { code: 'INSUFFICIENT_SCOPE', record, missingScopes: missing };

  return refusalOfLimits(record, request, counters, now) ?? { code: 'VALID', record };
}

/** Another account's key answers as if it did not exist: telling it apart would tell that it exists. */
function isForeign(record: KeyRecord, request: VerdictRequest): boolean {
  return request.accountId !== null && record.accountId !== request.accountId;
}

function refusalOfKey(record: KeyRecord, now: number): PlainRefusalCode | null {
  if (record.revoked) return 'REVOKED';
  if (record.expiresAt !== null && record.expiresAt <= now) return 'EXPIRED';
  if (!record.enabled) return 'DISABLED';
  return record.accountSuspended ? 'ACCOUNT_SUSPENDED' : null;
}

function refusalOfUse(record: KeyRecord, request: VerdictRequest): PlainRefusalCode | null {
  if (request.environment !== '' && record.environment !== request.environment) return 'ENVIRONMENT_MISMATCH';
  if (record.allowedCidrs.length > 0 && !addressInRanges(request.clientIp, record.allowedCidrs)) return 'IP_NOT_ALLOWED';
  if (request.productId !== '' && record.products !== 'all' && !record.products.includes(request.productId)) {
    return 'PRODUCT_NOT_ALLOWED';
  }
  return null;
}

function refusalOfLimits(record: KeyRecord, request: VerdictRequest, counters: Counters | null, now: number): Verdict | null {
  if (counters === null) return null;
  if (counters.credits !== null && counters.credits < request.cost) {
    return { code: 'QUOTA_EXCEEDED', record, required: request.cost, available: counters.credits };
  }
  const spent = counters.rateLimits.filter((limit) => limit.remaining < 1);
  if (spent.length === 0) return null;
  const resetsAt = Math.max(...spent.map((limit) => limit.resetsAt));
  return { code: 'RATE_LIMITED', record, retryAfterMs: Math.max(0, resetsAt - now) };
}
