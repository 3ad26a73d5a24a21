import type { TokenRules } from '../format/token.js';

/**
 * What tokens of an account look like.
 * @throws UnavailableError when the store can't be asked
 */
export interface TokenRulesSource {
  /** An account that does not exist has no formats. */
  rulesOf(accountId: string): Promise<TokenRules>;
}

export const TokenRulesSource = Symbol('TokenRulesSource');
