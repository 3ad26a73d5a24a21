import { z } from 'zod';
import { MAX_REPORTED_TOKENS } from '#libs/lifecycle';

/** Most bytes of a report. */
export const LEAK_REPORT_LIMIT_BYTES = 1024 * 1024;

/** The body of `POST /leaks/github`, as GitHub's secret scanning partner program has it; more fields may come. */
export const leakReportBody = z
  .array(
    z.object({
      token: z.string(),
      type: z.string().describe('What GitHub calls tokens of this form.'),
      url: z.string().default('').describe('Where it was found.'),
      source: z.string().default('').describe('In what it was found, e.g. `content`.'),
    }),
  )
  .min(1)
  .max(MAX_REPORTED_TOKENS)
  .meta({ id: 'LeakReport' });
export type LeakReportBody = z.output<typeof leakReportBody>;

export const leakLabelsAnswer = z
  .array(
    z.strictObject({
      token_hash: z.string().describe('SHA-256 of the token in hexadecimal.'),
      token_type: z.string(),
      label: z.enum(['true_positive', 'false_positive']),
    }),
  )
  .meta({ id: 'LeakLabels' });
