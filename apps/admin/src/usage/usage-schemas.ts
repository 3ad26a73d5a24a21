import { z } from 'zod';
import { GRANULARITIES, USAGE_OUTCOMES } from '#libs/key-domain';
import { time } from '../http/time.js';

export const usageQuery = z.object({
  from: time.optional().describe('24 hours before to if absent, or 30 days where days are asked for.'),
  to: time.optional().describe('Before; now if absent.'),
  granularity: z.enum(GRANULARITIES, { error: 'hour or day.' }).default('hour'),
});
export type UsageQuery = z.output<typeof usageQuery>;

const shownTime = z.iso.datetime();
const count = z.int().nonnegative();

export const usageAnswer = z
  .strictObject({
    data: z
      .array(
        z.strictObject({
          start: shownTime,
          total: count,
          outcomes: z
            .partialRecord(z.enum(USAGE_OUTCOMES), count)
            .describe('How often each verdict occurred, of those that did.'),
        }),
      )
      .describe('Every hour or day of the range, ascending.'),
    granularity: z.enum(GRANULARITIES),
    from: shownTime.describe('The beginning of the range, widened to a whole hour or day in UTC.'),
    to: shownTime.describe('Its end, widened likewise.'),
  })
  .meta({ id: 'Usage' });
