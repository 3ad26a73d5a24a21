import { z } from 'zod';
import type { Invitation, Member } from '#libs/key-domain';
import { PASSWORD_LENGTH } from '#libs/lifecycle';
import { listSchema } from '../http/paging.js';
import { memberRole } from './membership.js';

const email = z.email({ error: 'An e-mail address.' }).max(254);

/** The body of `PATCH /members/{personId}`. */
export const roleBody = z.strictObject({ role: memberRole }).meta({ id: 'ChangeMember' });
export type RoleBody = z.output<typeof roleBody>;

/** The body of `POST /members/invitations`. */
export const inviteBody = z.strictObject({ email, role: memberRole }).meta({ id: 'Invite' });
export type InviteBody = z.output<typeof inviteBody>;

/** The body of `POST /auth/invitations/accept`. */
export const acceptBody = z
  .strictObject({
    token: z.string().min(1).max(256).describe('From the link of the invitation.'),
    password: z
      .string()
      .min(1)
      .max(PASSWORD_LENGTH.max)
      .describe(`Your present one, or, if you are new, one of at least ${PASSWORD_LENGTH.min} characters.`),
  })
  .meta({ id: 'AcceptInvitation' });
export type AcceptBody = z.output<typeof acceptBody>;

export const memberAnswer = z
  .strictObject({ id: z.string(), email: z.string(), role: memberRole, joinedAt: z.iso.datetime() })
  .meta({ id: 'Member' });
export const memberList = listSchema(memberAnswer).meta({ id: 'MemberList' });

export const invitationAnswer = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    role: memberRole,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' });
export const invitationList = listSchema(invitationAnswer).meta({ id: 'InvitationList' });

export const openInvitationAnswer = z
  .strictObject({ invitation: invitationAnswer, link: z.string().describe('Shown once: whoever has it can accept.') })
  .meta({ id: 'OpenInvitation' });

export function memberView({ personId, email, role, joinedAt }: Member) {
  return { id: personId, email, role, joinedAt };
}

export function invitationView({ id, email, role, createdAt, expiresAt }: Invitation) {
  return { id, email, role, createdAt, expiresAt };
}
