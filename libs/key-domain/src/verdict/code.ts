/** The verdicts on a token, in the order in which they are judged; `VALID` is what is left. */
export const REFUSAL_CODES = [
  'MALFORMED',
  'NOT_FOUND',
  'REVOKED',
  'EXPIRED',
  'DISABLED',
  'ACCOUNT_SUSPENDED',
  'ENVIRONMENT_MISMATCH',
  'IP_NOT_ALLOWED',
  'PRODUCT_NOT_ALLOWED',
  'INSUFFICIENT_SCOPE',
  'QUOTA_EXCEEDED',
  'RATE_LIMITED',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];
export type VerdictCode = 'VALID' | RefusalCode;
