import { z } from 'zod';
import { ERROR_CODES } from '#libs/key-domain';

/** How every error of the API is written. */
export const errorEnvelope = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(ERROR_CODES),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .meta({ id: 'Error', description: 'With `Accept: application/problem+json` the same as RFC 9457 has it.' });
