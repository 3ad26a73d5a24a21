import { z } from 'zod';
import { MAX_CREDITS, MAX_RATE, MAX_RATE_LIMITS, MAX_WINDOW_SECONDS, RATE_LIMIT_NAME, REFILL_INTERVALS } from '#libs/key-domain';

const rateLimit = z
  .strictObject({
    name: z
      .string()
      .regex(RATE_LIMIT_NAME, { error: 'Up to 32 letters, digits, dots, dashes and underscores, a letter or digit first.' })
      .describe('Unique within the key.'),
    limit: z.int().min(1).max(MAX_RATE).describe('Requests in a window.'),
    windowSeconds: z.int().min(1).max(MAX_WINDOW_SECONDS).describe('A window begins with the first request in it.'),
  })
  .meta({ id: 'RateLimit' });

const refill = z
  .strictObject({
    amount: z.int().min(1).max(MAX_CREDITS).describe('What is left is brought up to it; what is above it stays.'),
    interval: z
      .enum(REFILL_INTERVALS, { error: `One of ${REFILL_INTERVALS.join(', ')}.` })
      .describe('At every full hour, midnight, or first of a month, in UTC.'),
  })
  .meta({ id: 'Refill' });

const remaining = z.int().min(0).max(MAX_CREDITS).describe('Credits that are left.');

/** As keys are given them. */
export const rateLimits = z
  .array(rateLimit)
  .max(MAX_RATE_LIMITS, { error: `At most ${MAX_RATE_LIMITS}.` })
  .describe('A request is let in when every one of them lets it in.');
export const quota = z.strictObject({ remaining, refill: refill.nullable().optional() }).meta({ id: 'NewQuota' });

/** As keys have them. */
export const limitAnswers = {
  rateLimits: z.array(rateLimit),
  quota: z.strictObject({ remaining, refill: refill.nullable() }).meta({ id: 'Quota' }).nullable(),
};
