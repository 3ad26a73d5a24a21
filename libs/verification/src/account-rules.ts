import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeFollower,
  type FollowingMemory,
  type LoggedChange,
  type ReadStamp,
  type TokenRules,
  TokenRulesSource,
} from '#libs/key-domain';
import { LRUCache } from 'lru-cache';

/** Accounts whose rules are remembered. */
const MAX_ACCOUNTS = 10_000;

/** Rules with how far changes had been applied before they were read; null: they must not be kept. */
export interface StampedRules {
  readonly rules: TokenRules;
  readonly stamp: ReadStamp | null;
}

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

  /**
   * As they are now, to be handed on.
   * @throws UnavailableError
   */
  async current(accountId: string): Promise<StampedRules> {
    const stamp = this.changes.stamp();
    return { rules: this.remembered(accountId) ?? (await this.read(accountId)), stamp };
  }

  forget({ scope }: LoggedChange): void {
    if (scope.kind === 'all') this.#rules.clear();
    if (scope.kind === 'account') this.#rules.delete(scope.accountId);
  }

  forgetEverything(): void {
    this.#rules.clear();
  }
}
