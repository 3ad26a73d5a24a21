import { z } from 'zod';
import { AUDIT_ACTIONS } from '#libs/key-domain';
import { CHAIN_FAULTS } from '#libs/lifecycle';
import { listSchema, pageQuery } from '../http/paging.js';
import { time } from '../http/time.js';

const filters = {
  actor: z.string().max(64).optional().describe('The id of the person, key or part of Mintmark that did it.'),
  action: z.enum(AUDIT_ACTIONS, { error: 'No action that is recorded.' }).optional(),
  target: z.string().max(256).optional().describe('The id of what it was done to.'),
  from: time.optional().describe('Not before.'),
  to: time.optional().describe('Before.'),
};

export const auditQuery = pageQuery.extend(filters);
export type AuditQuery = z.output<typeof auditQuery>;

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export const exportQuery = z.object({
  ...filters,
  format: z.enum(EXPORT_FORMATS, { error: 'jsonl or csv.' }).default('jsonl'),
});
export type ExportQuery = z.output<typeof exportQuery>;

const shownTime = z.iso.datetime();
const state = z.record(z.string(), z.unknown()).nullable();
const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: '64 lower-case hexadecimal digits.' });

export const entryAnswer = z
  .strictObject({
    number: z.int().positive().describe('Its place in the account’s chain, from 1, without a gap.'),
    at: shownTime,
    actor: z.strictObject({ type: z.enum(['person', 'key', 'system']), id: z.string() }),
    action: z.enum(AUDIT_ACTIONS),
    target: z.strictObject({ type: z.string(), id: z.string() }),
    requestId: z.string().nullable(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    before: state.describe('What changed, as it was.'),
    after: state.describe('What changed, as it is since.'),
    erased: z.boolean().describe('Whether what changed was erased, since the target was deleted for good.'),
    digests: z
      .strictObject({ change: hash, origin: hash })
      .describe('What the chain holds of what changed, and of where it came from.'),
    hash,
  })
  .meta({ id: 'AuditEntry' });

export const entryListAnswer = listSchema(entryAnswer).meta({ id: 'AuditEntryList' });

const head = z.strictObject({ number: z.int().nonnegative(), hash });

export const verifyBody = z
  .strictObject({ noted: head.optional().describe('The head that an earlier check answered with, as it was noted elsewhere.') })
  .prefault({})
  .meta({ id: 'VerifyAudit' });
export type VerifyBody = z.output<typeof verifyBody>;

export const chainAnswer = z
  .strictObject({
    valid: z.boolean(),
    head: head.describe('Where the chain ends. Note it elsewhere: only so can a chain that was written anew be told.'),
    firstBroken: z.strictObject({ number: z.int().positive(), fault: z.enum(CHAIN_FAULTS) }).nullable(),
  })
  .meta({ id: 'AuditChain' });
