import { hash } from 'node:crypto';
import { isWellFormed, type TokenRules } from '#libs/key-domain';
import type { PresentedQuestion } from '../token-verifier.js';

/** What is asked about a request, its token included. The token's text is private: no log and no JSON of it shows any. */
export class TokenInquiry implements PresentedQuestion {
  readonly tokenName: string;
  readonly #token: string;

  constructor(
    token: string,
    readonly requiredScopes: readonly string[],
    readonly productId: string,
    readonly clientIp: string,
    readonly environment: string,
    readonly cost: number,
  ) {
    this.#token = token;
    this.tokenName = hash('sha256', token, 'binary');
  }

  get tokenSha256(): Buffer {
    return Buffer.from(this.tokenName, 'latin1');
  }

  isWellFormed(rules: TokenRules): boolean {
    return isWellFormed(this.#token, rules);
  }
}
