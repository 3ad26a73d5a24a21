import type { Verdict } from '#libs/key-domain';

/** What a guard asks about a token that it was shown. */
export interface GuardQuestion {
  /** SHA-256 of the token, 32 bytes: the token itself stays in the service that received it. */
  readonly tokenSha256: Uint8Array;
  /** Scopes that must be granted, all of them. */
  readonly requiredScopes: readonly string[];
  /** The product that is used; empty: none. */
  readonly productId: string;
  /** The client's address as text; empty: unknown. */
  readonly clientIp: string;
  /** The environment that the service serves; empty: any. */
  readonly environment: string;
  /** Credits that the request costs. */
  readonly cost: number;
}

/**
 * Judges tokens for a guard.
 * @throws UnavailableError when the question could not be answered; never a refusal instead
 */
export interface TokenVerifier {
  verify(question: GuardQuestion): Promise<Verdict>;
}

export const TokenVerifier = Symbol('TokenVerifier');
