import { z } from 'zod';
import { type Membership, ROLES } from '#libs/key-domain';
import { PASSWORD_LENGTH } from '#libs/lifecycle';
import { text } from '../http/text.js';

/** The body of `POST /auth/login`. */
export const loginBody = z
  .strictObject({ email: text(1, 254), password: z.string().min(1).max(PASSWORD_LENGTH.max) })
  .meta({ id: 'Login' });
export type LoginBody = z.output<typeof loginBody>;

/** A password that somebody chooses. */
export const newPassword = z
  .string()
  .min(PASSWORD_LENGTH.min, { error: `At least ${PASSWORD_LENGTH.min} characters.` })
  .max(PASSWORD_LENGTH.max, { error: `At most ${PASSWORD_LENGTH.max} characters.` });

export const membershipAnswer = z
  .strictObject({
    user: z.strictObject({ id: z.string(), email: z.string(), operator: z.boolean() }),
    account: z.strictObject({ id: z.string(), name: z.string() }),
    role: z.enum(ROLES),
  })
  .meta({ id: 'Membership' });

/** A person and their account as the API shows them. */
export function membershipView({ personId, email, operator, accountId, accountName, role }: Membership) {
  return { user: { id: personId, email, operator }, account: { id: accountId, name: accountName }, role };
}
