import type { Attribution, Invitation, NewInvitation } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { InvitationEntity } from '../schema/entities/invitation.entity.js';
import { putDown } from './audit-trail.js';
import { foldEmail } from './folded-email.js';

/** Writes an invitation, and puts it down in the record of its account. */
export async function insertInvitation(
  manager: EntityManager,
  { id, accountId, email, role, digest, lifetimeSeconds }: NewInvitation,
  by: Attribution,
): Promise<InvitationEntity> {
  await manager.query(
    `INSERT INTO invitations (id, account_id, email, email_folded, role, digest, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))`,
    [id, accountId, email, foldEmail(email), role, Buffer.from(digest), lifetimeSeconds],
  );
  const target = { type: 'invitation', id } as const;
  await putDown(manager, { accountId, action: 'invitation.created', target, before: null, after: { email, role } }, by);
  return manager.findOneByOrFail(InvitationEntity, { id });
}

/** Ends every invitation into an account; those that could still be accepted are put down as withdrawn. */
export async function voidInvitations(manager: EntityManager, accountId: string, by: Attribution): Promise<void> {
  const live = await manager.query<Pick<Invitation, 'id' | 'email' | 'role'>[]>(VOID_INVITATIONS, [accountId]);
  for (const { id, email, role } of live) {
    const target = { type: 'invitation', id } as const;
    await putDown(manager, { accountId, action: 'invitation.withdrawn', target, before: { email, role }, after: null }, by);
  }
}

const VOID_INVITATIONS = `
  WITH voided AS (DELETE FROM invitations WHERE account_id = $1 RETURNING id, email, role, expires_at)
  SELECT id, email, role FROM voided WHERE expires_at > clock_timestamp() ORDER BY id`;

export function toInvitation({ id, email, role, createdAt, expiresAt }: InvitationEntity): Invitation {
  return { id, email, role, createdAt, expiresAt };
}
