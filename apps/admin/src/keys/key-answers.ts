import { z } from 'zod';
import { REVOCATION_REASONS } from '#libs/key-domain';
import { listSchema } from '../http/paging.js';
import { limitAnswers } from './limit-schemas.js';

const time = z.iso.datetime();
const products = z.union([z.literal('all'), z.array(z.string())]);

const secretAnswer = z
  .strictObject({
    id: z.string(),
    lastFour: z.string().nullable(),
    createdAt: time,
    endsAt: time.nullable(),
    lastUsedAt: time.nullable(),
  })
  .meta({ id: 'Secret' });

export const keyAnswer = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    lastFour: z.string().nullable().describe('The end of the token; null where it was imported by digest.'),
    createdAt: time,
    status: z.enum(['active', 'disabled', 'revoked', 'expired']),
    environment: z.string().nullable(),
    scopes: z.array(z.string()),
    products,
    format: z.string(),
    ownerId: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    allowedCidrs: z.array(z.string()),
    ...limitAnswers,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable(),
    createdBy: z.strictObject({ type: z.enum(['person', 'key', 'system']), id: z.string() }),
    revokedAt: time.nullable(),
    revocationReason: z.enum(REVOCATION_REASONS).nullable(),
    secrets: z.array(secretAnswer),
  })
  .meta({ id: 'Key' });

export const issuedKeyAnswer = z
  .strictObject({ key: z.string().describe('The token. It is shown this once.'), metadata: keyAnswer, warning: z.string() })
  .meta({ id: 'IssuedKey' });

export const enforcedKeyAnswer = z
  .strictObject({
    metadata: keyAnswer,
    enforced: z.strictObject({
      verifiers: z.int().describe('Verifiers that it had to reach.'),
      ms: z.number().describe('Milliseconds from the commit until it was in force everywhere.'),
      by: z.enum(['acknowledgement', 'lease']).describe('All confirmed it, or the leases of the silent ones ran out.'),
      staleGuards: z
        .int()
        .positive()
        .optional()
        .describe(
          'Present where there are any: sessions of guards that may go on without it while they can reach no verifier, since ' +
            'their services chose so (staleWhileUnavailableMs). A guard counts once for each verifier.',
        ),
    }),
  })
  .meta({ id: 'EnforcedKey' });

export const keyListAnswer = listSchema(keyAnswer).meta({ id: 'KeyList' });

export const selfAnswer = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    environment: z.string().nullable(),
    scopes: z.array(z.string()),
    products,
    expiresAt: time.nullable(),
    ...limitAnswers,
  })
  .meta({ id: 'PresentedKey' });

export const enforcedSelfAnswer = z
  .strictObject({ metadata: selfAnswer, enforced: enforcedKeyAnswer.shape.enforced })
  .meta({ id: 'EnforcedPresentedKey' });

export const revokedKeysAnswer = z
  .strictObject({
    matched: z.int().describe('Keys that the filters leave.'),
    revoked: z.int().describe('Those that were revoked by this call, and not before.'),
    enforced: enforcedKeyAnswer.shape.enforced.optional().describe('Absent on a dry run.'),
    wouldRevoke: z.int().optional().describe('On a dry run: how many would be revoked.'),
    sample: z.array(z.string()).optional().describe('On a dry run: ids of the newest that would be revoked.'),
  })
  .meta({ id: 'RevokedKeys' });
