import { type KeyGrant, VerificationCode, type VerifyTokenResponse } from '#libs/contract';
import { type KeyRecord, type LimitsLeft, REFUSAL_CODES, type Verdict, type VerdictCode } from '#libs/key-domain';
import type { GuardQuestion, Judgement } from '../token-verifier.js';

/**
 * Reads the verifier's answer: what it says of the token, and of what is left of the key's limits.
 * @throws Error when the answer contradicts itself or has a code that is not known here
 */
export function judgementOf(response: VerifyTokenResponse, question: GuardQuestion): Judgement {
  return { verdict: verdictOf(response, question), left: leftOf(response) };
}

/**
 * It starts from "not valid": only an answer that says `valid`, has the code for it
 * and tells the key is taken for one.
 */
function verdictOf(response: VerifyTokenResponse, question: GuardQuestion): Verdict {
  const code = codeOf(response);
  if (response.valid !== (code === 'VALID')) throw new Error(`the verifier answered ${code} with valid: ${response.valid}`);
  if (code === 'MALFORMED' || code === 'NOT_FOUND') return { code, record: null };
  const record = recordOf(response.grant, code);
  switch (code) {
    case 'INSUFFICIENT_SCOPE':
      return { code, record, missingScopes: response.missingScopes };
    case 'QUOTA_EXCEEDED':
      return { code, record, required: question.cost, available: response.quota?.remaining ?? 0 };
    case 'RATE_LIMITED':
      return { code, record, retryAfterMs: milliseconds(response.retryAfter) };
    default:
      return { code, record };
  }
}

/** 64-bit numbers arrive as numbers: the decoder refuses those that are none in JavaScript. */
function leftOf({ rateLimits, quota }: VerifyTokenResponse): LimitsLeft | null {
  if (rateLimits.length === 0 && quota === undefined) return null;
  return {
    rateLimits: rateLimits.map(({ name, limit, remaining, resetsAt }) => {
      if (resetsAt === undefined) throw new Error('the verifier told a rate limit and not when its window ends');
      return { name, limit, remaining, resetsAt: resetsAt.getTime() };
    }),
    quota: quota === undefined ? null : { remaining: quota.remaining, refillsAt: quota.refillsAt?.getTime() ?? null },
  };
}

function codeOf({ code }: VerifyTokenResponse): VerdictCode {
  if (code === VerificationCode.VERIFICATION_CODE_VALID) return 'VALID';
  const refusal = REFUSAL_CODES.find((name) => VerificationCode[`VERIFICATION_CODE_${name}`] === code);
  if (refusal === undefined) throw new Error(`the verifier answered with the unknown code ${code}`);
  return refusal;
}

function recordOf(grant: KeyGrant | undefined, code: VerdictCode): KeyRecord {
  if (grant === undefined) throw new Error(`the verifier answered ${code} and told no key`);
  return {
    keyId: grant.keyId,
    secretId: grant.secretId,
    accountId: grant.accountId,
    accountSuspended: code === 'ACCOUNT_SUSPENDED',
    ownerId: grant.ownerId === '' ? null : grant.ownerId,
    name: grant.name,
    environment: grant.environment === '' ? null : grant.environment,
    scopes: grant.scopes,
    products: grant.allProducts ? 'all' : grant.productIds,
    allowedCidrs: grant.allowedCidrs,
    metadata: grant.metadata ?? {},
    limits: null,
    enabled: code !== 'DISABLED',
    revoked: code === 'REVOKED',
    expiresAt: grant.expiresAt?.getTime() ?? null,
  };
}

function milliseconds(duration: VerifyTokenResponse['retryAfter']): number {
  return duration === undefined ? 0 : duration.seconds * 1000 + duration.nanos / 1_000_000;
}
