import { Inject, Injectable } from '@nestjs/common';
import { ChangeFollower, type FollowingMemory, type LoggedChange, type TokenRules, TokenRulesSource } from '#libs/key-domain';
import { LRUCache } from 'lru-cache';

/** Accounts whose rules are remembered. */
const MAX_ACCOUNTS = 10_000;

/** What tokens of accounts look like: from memory while a lease lasts, otherwise read. */
@Injectable()
export class AccountRules implements FollowingMemory {
  readonly #rules = new LRUCache<string, TokenRules>({ max: MAX_ACCOUNTS });

  constructor(
    @Inject(TokenRulesSource) private readonly source: TokenRulesSource,
    @Inject(ChangeFollower) private readonly changes: ChangeFollower,
  ) {
    changes.follow(this);
  }

  /** Without any wait; null: memory does not know them, or may not answer. */
  remembered(accountId: string): TokenRules | null {
    return this.changes.mayAnswerFromMemory() ? (this.#rules.get(accountId) ?? null) : null;
  }

  /** @throws UnavailableError */
  async read(accountId: string): Promise<TokenRules> {
    const stamp = this.changes.stamp();
    const rules = await this.source.rulesOf(accountId);
    if (stamp !== null && this.changes.isUnchangedSince(stamp, { accountId })) this.#rules.set(accountId, rules);
    return rules;
  }

  forget({ scope }: LoggedChange): void {
    if (scope.kind === 'all') this.#rules.clear();
    if (scope.kind === 'account') this.#rules.delete(scope.accountId);
  }

  forgetEverything(): void {
    this.#rules.clear();
  }
}
