import type { Counters, RateLimitCounter } from '../verdict/request.js';
import type { KeyLimits, RateLimit } from './limits.js';
import { nextRefill, refilled } from './refill.js';

/** What was used of a key's limits, as it is stored. Times are milliseconds since the Unix epoch. */
export interface CountedUse {
  /** Credits at `countedAt`; null: the key has no quota. */
  readonly credits: number | null;
  readonly countedAt: number;
  /** By the names of rate limits: since when requests are counted, and how many there were. */
  readonly windows: Readonly<Record<string, CountedWindow>>;
  /** Since when there was not enough for somebody, or nothing is left; null: there is. */
  readonly exhaustedAt: number | null;
}

export type CountedWindow = readonly [startedAt: number, requests: number];

/** What is left of a key's limits. */
export interface LimitsLeft {
  readonly rateLimits: readonly RateLimitCounter[];
  /** Null: the key has no quota. `refillsAt` is null where nothing is ever added. */
  readonly quota: { readonly remaining: number; readonly refillsAt: number | null } | null;
}

/** A request that takes from a key's limits, if it is admitted. */
export interface Taking {
  readonly keyId: string;
  /** As they were when the request came: the ledger takes by those that the key has then. */
  readonly limits: KeyLimits;
  /** Credits. 0 takes nothing, and is no request in any window. */
  readonly cost: number;
  /** Whether the request is let in with so much left. */
  readonly admits: (counters: Counters, now: number) => boolean;
}

/** What a request found, and what was left after it. */
export interface Taken {
  readonly counters: Counters;
  readonly left: LimitsLeft;
  /** The store's clock, in milliseconds since the Unix epoch. */
  readonly now: number;
}

/** What is left before a request. Limits of which nothing is counted yet are whole; a window that has passed begins anew. */
export function countersOf({ rateLimits, quota }: KeyLimits, use: CountedUse, now: number): Counters {
  const credits = quota === null || use.credits === null ? null : refilled(use.credits, use.countedAt, quota.refill, now);
  return { credits, rateLimits: rateLimits.map((limit) => counterOf(limit, use, now)) };
}

/**
 * Has one request take from all limits of its key, or from none: the only place where they are counted. Pure.
 * @returns the same `use` where nothing is different afterwards
 */
export function takeFrom(use: CountedUse, taking: Taking, now: number): { readonly use: CountedUse; readonly taken: Taken } {
  const counters = countersOf(taking.limits, use, now);
  const takes = taking.cost > 0 && taking.admits(counters, now);
  const after = takes ? usedBy(taking, use, counters, now) : refusedBy(taking, use, counters, now);
  return { use: after, taken: { counters, left: leftOf(taking.limits, after, now), now } };
}

/** What is left at a time. */
export function leftOf(limits: KeyLimits, use: CountedUse, now: number): LimitsLeft {
  const { credits, rateLimits } = countersOf(limits, use, now);
  const interval = limits.quota?.refill?.interval;
  return {
    rateLimits,
    quota: credits === null ? null : { remaining: credits, refillsAt: interval === undefined ? null : nextRefill(now, interval) },
  };
}

function usedBy({ limits, cost }: Taking, use: CountedUse, { credits }: Counters, now: number): CountedUse {
  const counted = limits.rateLimits.map((limit): [string, CountedWindow] => {
    const [startedAt, requests] = openWindow(limit, use, now);
    return [limit.name, [startedAt, requests + 1]];
  });
  const windows = Object.fromEntries(counted);
  if (credits === null) return { ...use, windows };
  const [left, countedAt] = [credits - cost, countedFrom(use, now)];
  return { credits: left, countedAt, windows, exhaustedAt: exhaustedSince(use, credits) ?? (left === 0 ? now : null) };
}

/** That credits were asked for in vain is put down once, not each time. */
function refusedBy({ cost }: Taking, use: CountedUse, { credits }: Counters, now: number): CountedUse {
  if (credits === null || credits >= cost || exhaustedSince(use, credits) !== null) return use;
  return { ...use, credits, countedAt: countedFrom(use, now), exhaustedAt: now };
}

/** No refill comes twice, also where the clock is set back to before it, or another server's that is late takes its place. */
function countedFrom(use: CountedUse, now: number): number {
  return Math.max(use.countedAt, now);
}

/** Credits that are exhausted stay so until there are more of them: that requests of little cost go on taking changes nothing. */
function exhaustedSince(use: CountedUse, credits: number): number | null {
  return use.credits !== null && credits > use.credits ? null : use.exhaustedAt;
}

function counterOf(rateLimit: RateLimit, use: CountedUse, now: number): RateLimitCounter {
  const { name, limit, windowSeconds } = rateLimit;
  const [startedAt, requests] = openWindow(rateLimit, use, now);
  return { name, limit, remaining: Math.max(0, limit - requests), resetsAt: startedAt + windowSeconds * 1000 };
}

/** The window that a request at this time falls into: a new one where none began yet, or the last one has passed. */
function openWindow({ name, windowSeconds }: RateLimit, { windows }: CountedUse, now: number): CountedWindow {
  const window = Object.hasOwn(windows, name) ? windows[name] : undefined;
  return window === undefined || now >= window[0] + windowSeconds * 1000 ? [now, 0] : window;
}
