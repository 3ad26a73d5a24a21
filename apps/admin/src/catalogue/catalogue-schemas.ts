import { z } from 'zod';
import { BODY_ENCODINGS, FORMAT_WORD, MAX_SCOPE_LENGTH } from '#libs/key-domain';
import { listSchema } from '../http/paging.js';
import { text } from '../http/text.js';

export const formatName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'A lower-case letter, then up to 31 letters, digits and hyphens.' });
const formatWord = z.string().regex(FORMAT_WORD, { error: 'A lower-case letter, then up to 15 letters and digits.' });

/** The body of `POST /key-formats`, and a format as the API shows it. */
export const keyFormat = z
  .strictObject({
    name: formatName,
    prefix: formatWord.describe('What its tokens begin with.'),
    environments: z
      .array(formatWord)
      .max(16)
      .refine((names) => new Set(names).size === names.length, { error: 'Each environment once.' })
      .describe('The default one first; none: its tokens name none.'),
    encoding: z.enum(BODY_ENCODINGS),
  })
  .meta({ id: 'KeyFormat' });
export type KeyFormatBody = z.output<typeof keyFormat>;
export const keyFormatList = listSchema(keyFormat).meta({ id: 'KeyFormatList' });

/** The body of `POST /products`. */
export const productBody = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/, { error: 'Up to 128 letters, digits and the characters _ . : -' })
      .optional()
      .describe('Your own id of it; one is made if absent.'),
    name: text(1, 100),
  })
  .meta({ id: 'AddProduct' });
export type ProductBody = z.output<typeof productBody>;
export const productAnswer = z
  .strictObject({ id: z.string(), name: z.string(), createdAt: z.iso.datetime() })
  .meta({ id: 'Product' });
export const productList = listSchema(productAnswer).meta({ id: 'ProductList' });

/** The body of `POST /scopes`. */
export const scopeBody = z
  .strictObject({
    name: z.string().max(MAX_SCOPE_LENGTH).describe('resource:action'),
    group: text(1, 100).default('Other').describe('What it is listed under.'),
    description: text(0, 500).default(''),
  })
  .meta({ id: 'AddScope' });
export type ScopeBody = z.output<typeof scopeBody>;
export const scopeAnswer = z.strictObject({ name: z.string(), group: z.string(), description: z.string() }).meta({ id: 'Scope' });
export const scopeList = listSchema(scopeAnswer).meta({ id: 'ScopeList' });
