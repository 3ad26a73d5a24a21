import type { Verdict } from '#libs/key-domain';
import type { CredentialFault } from '../request/credential.js';

/** What an end user is told instead of being let in, before it is put into the words of a format. */
export type Answer =
  | {
      readonly code: 'unauthorized';
      readonly because: 'no_header' | 'revoked' | 'expired' | 'other';
      readonly error: ChallengeError | null;
    }
  | { readonly code: 'forbidden'; readonly requiredScopes: readonly string[] }
  | { readonly code: 'insufficient_tokens'; readonly required: number; readonly available: number }
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly code: 'unavailable'; readonly retryAfterSeconds: number };

/** RFC 6750, section 3.1; none where no credential of our scheme came. */
export type ChallengeError = 'invalid_request' | 'invalid_token';

export type Refusal = Exclude<Verdict, { readonly code: 'VALID' }>;

/** The verifier could not be asked, which says nothing about the token: never a 401. */
export const UNAVAILABLE: Answer = { code: 'unavailable', retryAfterSeconds: 1 };

/** The answer to a request without a token that could be judged. */
export function answerToFault(fault: CredentialFault): Answer {
  switch (fault) {
    case 'NO_HEADER':
      return { code: 'unauthorized', because: 'no_header', error: null };
    case 'OTHER_SCHEME':
      return { code: 'unauthorized', because: 'other', error: null };
    case 'BAD_HEADER':
      return { code: 'unauthorized', because: 'other', error: 'invalid_request' };
    case 'IMPLAUSIBLE_TOKEN':
      return { code: 'unauthorized', because: 'other', error: 'invalid_token' };
  }
}

/** Whether there is such a key, it may be used, and here: what else may be wrong with a request says nothing against its token. */
export function isOfGoodToken(verdict: Verdict): boolean {
  return verdict.code === 'VALID' || answerTo(verdict, []).code !== 'unauthorized';
}

/** The answer to a refused token. It tells no more of the key than the seed formats do. */
export function answerTo(refusal: Refusal, requiredScopes: readonly string[]): Answer {
  switch (refusal.code) {
    case 'REVOKED':
      return { code: 'unauthorized', because: 'revoked', error: 'invalid_token' };
    case 'EXPIRED':
      return { code: 'unauthorized', because: 'expired', error: 'invalid_token' };
    case 'MALFORMED':
    case 'NOT_FOUND':
    case 'DISABLED':
    case 'ACCOUNT_SUSPENDED':
    case 'ENVIRONMENT_MISMATCH':
      return { code: 'unauthorized', because: 'other', error: 'invalid_token' };
    case 'IP_NOT_ALLOWED':
    case 'PRODUCT_NOT_ALLOWED':
      return { code: 'forbidden', requiredScopes: [] };
    case 'INSUFFICIENT_SCOPE':
      return { code: 'forbidden', requiredScopes };
    case 'QUOTA_EXCEEDED':
      return { code: 'insufficient_tokens', required: refusal.required, available: refusal.available };
    case 'RATE_LIMITED':
      return { code: 'rate_limited', retryAfterSeconds: Math.max(1, Math.ceil(refusal.retryAfterMs / 1000)) };
  }
}
