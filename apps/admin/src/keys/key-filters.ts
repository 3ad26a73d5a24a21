import { z } from 'zod';
import { isScope, KEY_STATUSES, MAX_SCOPE_LENGTH, REVOCATION_REASONS } from '#libs/key-domain';
import { pageQuery } from '../http/paging.js';
import { text } from '../http/text.js';
import { time } from '../http/time.js';

const scope = z.string().max(MAX_SCOPE_LENGTH).refine(isScope, { error: 'Not a scope: write resource:action.' });

/** What keys can be chosen by, in a query and in a body alike. */
export const keyFilters = {
  status: z.enum(KEY_STATUSES, { error: `One of ${KEY_STATUSES.join(', ')}.` }).optional(),
  environment: text(1, 16).optional(),
  ownerId: text(1, 255).optional(),
  productId: text(1, 128).optional().describe('Keys that may be used for this product, as one of theirs or as one of all.'),
  scope: scope.optional().describe('Keys that grant this scope, by its name or by a wildcard.'),
  search: text(1, 255)
    .optional()
    .describe("Keys with a name in which each of these words begins one, or with this owner's id, or whose token ends so."),
  expiresBefore: time.optional(),
  unusedSince: time.optional().describe('Keys older than this that were not used since.'),
};

const rotationDue = z
  .enum(['true', 'false'], { error: 'true or false.' })
  .transform((value) => value === 'true')
  .optional()
  .describe("Whether the newest secret is older than the account's policy has it.");

/** The query of `GET /keys`. */
export const keyListQuery = pageQuery.extend({ ...keyFilters, rotationDue });
export type KeyListQuery = z.output<typeof keyListQuery>;

const rotationDueValue = z.boolean().optional();

/** The body of `POST /keys/revoke-matching`: the filters of the list, so that a call that lost one does not revoke everything. */
export const revokeMatchingBody = z
  .strictObject({
    ...keyFilters,
    rotationDue: rotationDueValue,
    all: z.literal(true, { error: 'true, or absent.' }).optional().describe('Instead of a filter: every key of the account.'),
    reason: z.enum(REVOCATION_REASONS),
    description: text(1, 500).optional(),
    dryRun: z.boolean().default(false).describe('Counts and shows some, and revokes none.'),
  })
  .superRefine(({ reason: _reason, description: _description, dryRun: _dryRun, all, ...filter }, context) => {
    const filtered = Object.values(filter).some((value) => value !== undefined);
    if (filtered !== (all === true)) return;
    const message = filtered ? 'Either filters or all, not both.' : 'At least one filter is required, or all: true.';
    context.addIssue({ code: 'custom', path: ['all'], message });
  })
  .meta({ id: 'RevokeMatching' });
export type RevokeMatchingBody = z.output<typeof revokeMatchingBody>;
