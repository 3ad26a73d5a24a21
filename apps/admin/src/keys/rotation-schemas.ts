import { z } from 'zod';
import { MAX_GRACE_SECONDS } from '#libs/lifecycle';
import { enforcedKeyAnswer, issuedKeyAnswer } from './key-answers.js';

/** The body of `POST /keys/{id}/rotate`. */
export const rotateKeyBody = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(MAX_GRACE_SECONDS)
      .describe('For how long the former secret is accepted beside the new one; 0: it ends at once.'),
  })
  .meta({ id: 'RotateKey' });
export type RotateKeyBody = z.output<typeof rotateKeyBody>;

export const rotatedKeyAnswer = z
  .strictObject({
    ...issuedKeyAnswer.shape,
    previous: z.strictObject({
      secretId: z.string(),
      endsAt: z.iso.datetime().describe('The end of the grace period, or of the key where that is earlier.'),
    }),
    enforced: enforcedKeyAnswer.shape.enforced,
  })
  .meta({ id: 'RotatedKey' });
