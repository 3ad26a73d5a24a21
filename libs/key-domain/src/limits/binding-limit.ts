import type { RateLimitCounter } from '../verdict/request.js';

/**
 * The rate limit of a key that stops it first: the one with the fewest requests left, so that exactly so many more are let in
 * now; of several the one whose window ends last, which is the one that a refused caller waits for. Null: it has none.
 */
export function bindingLimit(rateLimits: readonly RateLimitCounter[]): RateLimitCounter | null {
  let binding: RateLimitCounter | null = null;
  for (const limit of rateLimits) if (binding === null || bindsBefore(limit, binding)) binding = limit;
  return binding;
}

function bindsBefore(one: RateLimitCounter, other: RateLimitCounter): boolean {
  return one.remaining === other.remaining ? one.resetsAt > other.resetsAt : one.remaining < other.remaining;
}
