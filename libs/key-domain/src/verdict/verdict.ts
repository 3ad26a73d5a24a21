import type { KeyRecord } from '../key/key-record.js';
import type { RefusalCode } from './code.js';

/** The refusals that carry nothing but the key they are about. */
export type PlainRefusalCode = Exclude<
  RefusalCode,
  'MALFORMED' | 'NOT_FOUND' | 'INSUFFICIENT_SCOPE' | 'QUOTA_EXCEEDED' | 'RATE_LIMITED'
>;

/** What was decided about a token. The record is told only of keys that the caller may verify. */
export type Verdict =
  | { readonly code: 'VALID'; readonly record: KeyRecord }
  | { readonly code: 'MALFORMED' | 'NOT_FOUND'; readonly record: null }
  | { readonly code: PlainRefusalCode; readonly record: KeyRecord }
  | { readonly code: 'INSUFFICIENT_SCOPE'; readonly record: KeyRecord; readonly missingScopes: readonly string[] }
  | { readonly code: 'QUOTA_EXCEEDED'; readonly record: KeyRecord; readonly required: number; readonly available: number }
  | { readonly code: 'RATE_LIMITED'; readonly record: KeyRecord; readonly retryAfterMs: number };
