import { z } from 'zod';
import { MAX_SCOPE_LENGTH, REVOCATION_REASONS } from '#libs/key-domain';
import { type ChangeRequest, type IssueRequest, MAX_LIFETIME_DAYS } from '#libs/lifecycle';
import { text } from '../http/text.js';
import { time } from '../http/time.js';
import { quota, rateLimits } from './limit-schemas.js';
import { metadata } from './metadata.js';

const name = text(1, 100).describe('What people call the key.');
const scopes = z
  .array(z.string().max(MAX_SCOPE_LENGTH))
  .max(100)
  .describe('resource:action, resource:* or *; also products:all and products:specific, which set `products`.');
const products = z.union([z.literal('all'), z.array(text(1, 128)).max(1000)], {
  error: 'Either "all" or a list of product ids.',
});
const allowedCidrs = z.array(z.string().max(64)).max(100).describe('Addresses it may be used from; none: any.');

/** The body of `POST /keys`. What the account offers is checked later, by the use case. */
export const issueKeyBody = z
  .strictObject({
    name,
    environment: z.string().max(16).optional().describe('One of its format; the first of them if absent.'),
    scopes: scopes.optional(),
    products: products.optional(),
    expiresInDays: z.int().min(1).max(MAX_LIFETIME_DAYS).optional(),
    expiresAt: time.optional(),
    ownerId: text(1, 255).optional().describe("Your own reference to the key's owner."),
    metadata: metadata.optional(),
    allowedCidrs: allowedCidrs.optional(),
    format: z.string().max(32).optional().describe("The policy's defaultFormat if absent."),
    rateLimits: rateLimits.optional(),
    quota: quota.optional(),
  })
  .meta({ id: 'IssueKey' });
export type IssueKeyBody = z.output<typeof issueKeyBody> & IssueRequest;

/** The body of `PATCH /keys/{id}`: what is absent stays. */
export const changeKeyBody = z
  .strictObject({
    name: name.optional(),
    scopes: scopes.optional(),
    products: products.optional(),
    expiresAt: time.nullable().optional().describe('Null: it never expires.'),
    metadata: metadata.optional(),
    allowedCidrs: allowedCidrs.optional(),
    enabled: z.boolean().optional().describe('False switches the key off; it can be switched on again.'),
    rateLimits: rateLimits.optional().describe('In place of all it has; none: []. What is counted stays with their names.'),
    quota: quota.nullable().optional().describe('In place of the one it has, with its credits counted anew; none: null.'),
  })
  .meta({ id: 'ChangeKey' });
export type ChangeKeyBody = z.output<typeof changeKeyBody> & ChangeRequest;

/** The body of `POST /keys/{id}/revoke`. */
export const revokeKeyBody = z
  .strictObject({ reason: z.enum(REVOCATION_REASONS), description: text(1, 500).optional() })
  .meta({ id: 'RevokeKey' });
export type RevokeKeyBody = z.output<typeof revokeKeyBody>;

/** The body of `POST /keys/self/revoke`, which may be absent: whoever kills a key that they found knows no more than that. */
export const revokeSelfBody = z
  .strictObject({
    reason: z.enum(REVOCATION_REASONS).default('key_compromise'),
    description: text(1, 500).optional(),
  })
  .prefault({})
  .meta({ id: 'RevokePresentedKey' });
export type RevokeSelfBody = z.output<typeof revokeSelfBody>;

/** The query of `DELETE /keys/{id}`. */
export const deleteKeyQuery = z.object({
  permanent: z
    .enum(['true', 'false'], { error: 'true or false.' })
    .default('false')
    .describe('Whether to delete the key for good instead of revoking it.'),
});
export type DeleteKeyQuery = z.output<typeof deleteKeyQuery>;
