import { z } from 'zod';
import { ERROR_CODES } from '#libs/key-domain';

/** Beside the failures that the admin knows itself, what its guard answers to a management key whose credits are spent. */
const ANSWER_CODES = [...ERROR_CODES, 'insufficient_tokens'] as const;
export type AnswerCode = (typeof ANSWER_CODES)[number];

/** How every error of the API is written. */
export const errorEnvelope = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(ANSWER_CODES),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .meta({ id: 'Error', description: 'With `Accept: application/problem+json` the same as RFC 9457 has it.' });
