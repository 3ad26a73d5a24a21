import { z } from 'zod';

/** A time as RFC 3339 has it, in a query or a body. */
export const time = z.iso
  .datetime({ offset: true, error: 'A time as RFC 3339 has it, e.g. 2030-01-31T12:00:00Z.' })
  .transform((at) => new Date(at));
