import type { LimitsLeft, TokenRules, Verdict } from '#libs/key-domain';

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
  /** Credits that the request takes; 0 checks without taking. */
  readonly cost: number;
}

/** A question beside which the token itself is at hand, in this process alone. */
export interface PresentedQuestion extends GuardQuestion {
  /** The SHA-256's bytes as a Latin-1 text, under which memory knows the token. */
  readonly tokenName: string;
  /** Whether the token's text can be one of an account with these rules. */
  isWellFormed(rules: TokenRules): boolean;
}

/** What was found out about a token by asking. */
export interface Judgement {
  readonly verdict: Verdict;
  /** What is left of the key's limits after the request; null: it has none, or something else was refused before they were judged. */
  readonly left: LimitsLeft | null;
}

/**
 * Judges tokens for a guard.
 * @throws UnavailableError when the question could not be answered; never a refusal instead
 */
export interface TokenVerifier {
  /** Takes from the limits of the key, once for each question, whatever was asked before. */
  verify(question: GuardQuestion): Promise<Judgement>;
  /**
   * Judges by what was kept of earlier answers, at once and as rightly as `verify`. Null: that takes asking, as it always does for
   * a key with limits, each of whose requests is counted.
   * Absent where nothing is kept.
   */
  judgeKept?(question: PresentedQuestion): Verdict | null;
}

export const TokenVerifier = Symbol('TokenVerifier');
