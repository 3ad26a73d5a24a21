/** What is asked about a presented token. */
export interface VerdictRequest {
  /** Whether the text can be a token of the account at all; true where only a digest is known. */
  readonly wellFormed: boolean;
  /** The account whose keys the caller may verify; null: every account's (Mintmark's own admin alone). */
  readonly accountId: string | null;
  /** Scopes that must be granted, all of them. */
  readonly requiredScopes: readonly string[];
  /** The product that is used; empty: none. */
  readonly productId: string;
  /** The client's address as text; empty: unknown. */
  readonly clientIp: string;
  /** The environment that the caller serves; empty: any. */
  readonly environment: string;
  /** Credits that the request costs; 0 checks without taking. */
  readonly cost: number;
}

/** What is left of a key's limits at the moment of the verdict. */
export interface Counters {
  /** Credits before this request; null: the key has no quota. */
  readonly credits: number | null;
  readonly rateLimits: readonly RateLimitCounter[];
}

export interface RateLimitCounter {
  readonly name: string;
  /** Requests in a window. */
  readonly limit: number;
  /** Requests left in this window, before this one. */
  readonly remaining: number;
  /** When the window ends, in milliseconds since the Unix epoch. */
  readonly resetsAt: number;
}
