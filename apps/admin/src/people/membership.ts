import { z } from 'zod';
import { type Membership, ROLES } from '#libs/key-domain';
import { PASSWORD_LENGTH } from '#libs/lifecycle';
import { text } from '../http/text.js';

/** A password that somebody has. */
const knownPassword = z.string().min(1).max(PASSWORD_LENGTH.max);

/** The body of `POST /auth/login`. */
export const loginBody = z.strictObject({ email: text(1, 254), password: knownPassword }).meta({ id: 'Login' });
export type LoginBody = z.output<typeof loginBody>;

export const methodsAnswer = z
  .strictObject({ password: z.boolean(), identityProvider: z.boolean(), isSetUp: z.boolean() })
  .meta({ id: 'SignInMethods' });

/** A password that somebody chooses. */
export const newPassword = z
  .string()
  .min(PASSWORD_LENGTH.min, { error: `At least ${PASSWORD_LENGTH.min} characters.` })
  .max(PASSWORD_LENGTH.max, { error: `At most ${PASSWORD_LENGTH.max} characters.` });

/** The body of `POST /auth/password`. */
export const passwordBody = z
  .strictObject({
    current: knownPassword.nullable().describe('Null: the person has none, and signs in at an identity provider.'),
    new: newPassword,
  })
  .meta({ id: 'ChangePassword' });
export type PasswordBody = z.output<typeof passwordBody>;
export const passwordAnswer = z.strictObject({ sessionsEnded: z.number().int() }).meta({ id: 'ChangedPassword' });

/** The body of `POST /auth/session/account`. */
export const switchBody = z.strictObject({ accountId: text(1, 64) }).meta({ id: 'SwitchAccount' });
export type SwitchBody = z.output<typeof switchBody>;

export const memberRole = z.enum(ROLES);

const account = z.strictObject({ id: z.string(), name: z.string() });

export const membershipAnswer = z
  .strictObject({
    user: z.strictObject({ id: z.string(), email: z.string(), operator: z.boolean() }),
    account,
    role: memberRole,
  })
  .meta({ id: 'Membership' });

const accountOfPerson = account.extend({ role: memberRole, suspended: z.boolean() }).meta({ id: 'AccountOfPerson' });

/** Who is signed in, and where else they may go on. */
export const signedInAnswer = membershipAnswer
  .extend({ accounts: z.array(accountOfPerson).describe('Every account of the person, the first one first.') })
  .meta({ id: 'SignedIn' });

/** A person and their account as the API shows them. */
export function membershipView({ personId, email, operator, accountId, accountName, role }: Membership) {
  return { user: { id: personId, email, operator }, account: { id: accountId, name: accountName }, role };
}

export function signedInView(membership: Membership, all: readonly Membership[]) {
  const accounts = all.map(({ accountId, accountName, accountSuspended, role }) => {
    return { id: accountId, name: accountName, role, suspended: accountSuspended };
  });
  return { ...membershipView(membership), accounts };
}
