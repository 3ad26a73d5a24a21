import { InvalidArgumentError } from 'commander';
import { Failure } from '../../ending/failure.js';

interface RateLimit {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

interface Refill {
  readonly amount: number;
  readonly interval: string;
}

export interface LimitOptions {
  readonly rateLimit?: readonly RateLimit[];
  readonly quota?: number;
  readonly refill?: Refill;
}

/** @param text e.g. `per-minute=60/60`: so many requests in so many seconds @throws InvalidArgumentError */
export function rateLimits(text: string, before: readonly RateLimit[] = []): readonly RateLimit[] {
  const [, name, limit, windowSeconds] = /^([^=]+)=(\d{1,15})\/(\d{1,15})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write name=requests/seconds, e.g. per-minute=60/60.');
  return [...before, { name, limit: Number(limit), windowSeconds: Number(windowSeconds) }];
}

/** @throws InvalidArgumentError */
export function credits(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}

/** @param text e.g. `1000/month` @throws InvalidArgumentError */
export function refill(text: string): Refill {
  const [, amount, interval] = /^(\d{1,15})\/(\w+)$/.exec(text) ?? [];
  if (interval === undefined) throw new InvalidArgumentError('Write amount/interval, e.g. 1000/month.');
  return { amount: Number(amount), interval };
}

/** The fields of the API that were given by options. @throws Failure for a refill of nothing */
export function limitFieldsOf({ rateLimit, quota, refill: added }: LimitOptions): Readonly<Record<string, unknown>> {
  if (added !== undefined && quota === undefined)
    throw Failure.usage('--refill goes with --quota: say how many credits there are now');
  return {
    rateLimits: rateLimit,
    quota: quota === undefined ? undefined : { remaining: quota, ...(added && { refill: added }) },
  };
}
