import type { Refill, RefillInterval } from './limits.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The first full hour, midnight or first of a month, in UTC, after a time. Milliseconds since the Unix epoch. */
export function nextRefill(after: number, interval: RefillInterval): number {
  if (interval === 'hour') return (Math.floor(after / HOUR_MS) + 1) * HOUR_MS;
  if (interval === 'day') return (Math.floor(after / DAY_MS) + 1) * DAY_MS;
  const month = new Date(after);
  return Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1);
}

/**
 * The credits that are there at a time. What was set above a refill's amount stays; what is left of one is not added to the
 * next: whoever used nothing for a year has no year's worth of credits.
 * @param countedAt when there were `credits`, in milliseconds since the Unix epoch
 */
export function refilled(credits: number, countedAt: number, refill: Refill | null, now: number): number {
  if (refill === null || now < nextRefill(countedAt, refill.interval)) return credits;
  return Math.max(credits, refill.amount);
}
