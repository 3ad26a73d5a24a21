import { Inject, Injectable } from '@nestjs/common';
import {
  GRANULE_MS,
  KeyStore,
  NotFoundError,
  type UsageOutcome,
  type UsageSpan,
  UsageStore,
  type UsageTotal,
} from '#libs/key-domain';
import { NO_SUCH_KEY } from '../keys/key-directory.js';
import { spanOf, type UsageRange } from './usage-range.js';

/** One hour or day. */
export interface UsageBucket {
  readonly start: Date;
  readonly total: number;
  /** Of those that occurred. */
  readonly outcomes: Readonly<Partial<Record<UsageOutcome, number>>>;
}

export interface UsageSeries extends UsageSpan {
  /** Every hour or day of the span, ascending. */
  readonly buckets: readonly UsageBucket[];
}

/** How often an account's keys were verified. */
@Injectable()
export class KeyUsage {
  constructor(
    @Inject(UsageStore) private readonly usage: UsageStore,
    @Inject(KeyStore) private readonly keys: KeyStore,
  ) {}

  /**
   * @throws InvalidRequestError for a range that is none
   * @throws NotFoundError where the account has no such key
   */
  async ofKey(accountId: string, keyId: string, range: UsageRange): Promise<UsageSeries> {
    const span = spanOf(range, await this.keys.now());
    const totals = await this.usage.ofKey(accountId, keyId, span);
    if (totals === null) throw new NotFoundError(NO_SUCH_KEY);
    return seriesOf(span, totals);
  }

  /** @throws InvalidRequestError for a range that is none */
  async ofAccount(accountId: string, range: UsageRange): Promise<UsageSeries> {
    const span = spanOf(range, await this.keys.now());
    return seriesOf(span, await this.usage.ofAccount(accountId, span));
  }
}

function seriesOf(span: UsageSpan, totals: readonly UsageTotal[]): UsageSeries {
  const buckets: UsageBucket[] = [];
  let next = 0;
  for (let at = span.from.getTime(); at < span.to.getTime(); at += GRANULE_MS[span.granularity]) {
    const [start, first] = [new Date(at), next];
    while (totals[next]?.start.getTime() === at) next += 1;
    buckets.push(bucketOf(start, totals.slice(first, next)));
  }
  return { ...span, buckets };
}

function bucketOf(start: Date, totals: readonly UsageTotal[]): UsageBucket {
  const outcomes = Object.fromEntries(totals.map(({ outcome, count }) => [outcome, count]));
  return { start, total: totals.reduce((sum, { count }) => sum + count, 0), outcomes };
}
