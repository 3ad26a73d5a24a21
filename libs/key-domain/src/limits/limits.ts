/** So many requests of a key in a window. A window begins with the first request in it, and ends on time. */
export interface RateLimit {
  /** Unique within the key. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

export const REFILL_INTERVALS = ['hour', 'day', 'month'] as const;
export type RefillInterval = (typeof REFILL_INTERVALS)[number];

/** At every full hour, midnight or first of a month, in UTC, a key has at least so many credits again. */
export interface Refill {
  readonly amount: number;
  readonly interval: RefillInterval;
}

/** What bounds the use of a key: how often, and how much in all. How many credits are left is counted elsewhere. */
export interface KeyLimits {
  readonly rateLimits: readonly RateLimit[];
  /** Null: requests take no credits. */
  readonly quota: { readonly refill: Refill | null } | null;
  /** Another one after each change of them: whoever still has former limits in hand is told apart. Absent: the key was made with these. */
  readonly version?: string;
}

/** Those of a key whose use is no longer counted. */
export const NO_LIMITS: KeyLimits = { rateLimits: [], quota: null };

/** The credits of a key, as its administrators see them. */
export interface Quota {
  readonly remaining: number;
  /** Null: what is used up stays so until somebody sets it anew. */
  readonly refill: Refill | null;
}

/** The name of a rate limit: headers and logs tell of it. */
export const RATE_LIMIT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
export const MAX_RATE_LIMITS = 8;
/** Requests in a window, at most. */
export const MAX_RATE = 1_000_000_000;
/** 31 days. */
export const MAX_WINDOW_SECONDS = 2_678_400;
export const MAX_CREDITS = 1_000_000_000_000;

/** What bounds the use of a key with these limits; null: nothing does. */
export function limitsOf(rateLimits: readonly RateLimit[], quota: Quota | null): KeyLimits | null {
  if (rateLimits.length === 0 && quota === null) return null;
  return { rateLimits, quota: quota === null ? null : { refill: quota.refill } };
}
