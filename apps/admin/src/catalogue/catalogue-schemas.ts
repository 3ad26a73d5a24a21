import { z } from 'zod';
import { BODY_ENCODINGS, FORMAT_WORD, MAX_SCOPE_LENGTH } from '#libs/key-domain';
import { TEMPLATE_NAMES } from '#libs/lifecycle';
import { listSchema } from '../http/paging.js';
import { text } from '../http/text.js';
import { enforcedKeyAnswer } from '../keys/key-answers.js';

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
export const removedKeyFormat = z
  .strictObject({ metadata: keyFormat, enforced: enforcedKeyAnswer.shape.enforced })
  .meta({ id: 'RemovedKeyFormat' });
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
/** The body of `PATCH /products/{id}`. */
export const renameProductBody = z.strictObject({ name: text(1, 100) }).meta({ id: 'RenameProduct' });
export type RenameProductBody = z.output<typeof renameProductBody>;
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

/** The body of `PATCH /scopes/{name}`: what is absent stays. */
export const changeScopeBody = z
  .strictObject({ group: text(1, 100).optional(), description: text(0, 500).optional() })
  .meta({ id: 'ChangeScope' });
export type ChangeScopeBody = z.output<typeof changeScopeBody>;

/** The body of `POST /scopes/apply-template`. */
export const applyTemplateBody = z.strictObject({ template: z.enum(TEMPLATE_NAMES) }).meta({ id: 'ApplyScopeTemplate' });
export type ApplyTemplateBody = z.output<typeof applyTemplateBody>;
export const addedScopes = z
  .strictObject({ added: z.array(scopeAnswer).describe('What the account lacked.') })
  .meta({ id: 'AddedScopes' });

export const scopeTemplateList = listSchema(
  z.strictObject({ name: z.enum(TEMPLATE_NAMES), scopes: z.array(scopeAnswer) }).meta({ id: 'ScopeTemplate' }),
).meta({ id: 'ScopeTemplateList' });
