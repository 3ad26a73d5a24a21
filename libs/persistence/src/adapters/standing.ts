import { type Deed, ForbiddenError, type Standing } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';

/** What a revocation of many keys takes from the key that asked for it, in this very transaction, takes no right to ask. */
const KEY_STANDS = `
  SELECT EXISTS (
    SELECT FROM keys k JOIN accounts a ON a.id = k.account_id
    WHERE k.id = $1 AND k.scopes @> $2::text[] AND k.enabled AND (k.revoked_at IS NULL OR k.revoked_in = $3) AND a.status = 'active'
      AND ($4::text IS NULL OR EXISTS (
        SELECT FROM secrets s WHERE s.id = $4 AND s.key_id = k.id AND (s.ends_at IS NULL OR s.ends_at > clock_timestamp())
      ))
  ) AS stands`;

/** Whoever ends the session waits until what is done in it is committed; where they have begun to, nothing more is done in it. */
const IN_SESSION = 'FOR KEY SHARE OF s SKIP LOCKED';

const MEMBER_STANDS = `
  SELECT true AS stands FROM sessions s JOIN memberships m ON m.person_id = s.person_id
  WHERE s.id = $1 AND s.person_id = $2 AND m.account_id = $3 AND m.role = $4 ${IN_SESSION}`;
const OPERATOR_STANDS = `
  SELECT true AS stands FROM sessions s JOIN people p ON p.id = s.person_id
  WHERE s.id = $1 AND s.person_id = $2 AND p.operator ${IN_SESSION}`;

/**
 * Whoever asked may have lost their right since they were let in: the request waited, or was slow. Asked while the head of the account's
 * chain is held, which every change of a right in the account holds until it is committed, and with the session held: once the call that
 * took a right, or ended the session, has returned, nothing more is done by it.
 * @throws ForbiddenError when the right is gone; nothing of the transaction is to be committed
 */
export async function assertStands(manager: EntityManager, deed: Deed, standing: Standing): Promise<void> {
  const [row] = await question(manager, deed, standing);
  if (row?.stands !== true) throw new ForbiddenError('The right to do this was taken away meanwhile.');
}

function question(manager: EntityManager, deed: Deed, standing: Standing): Promise<readonly { readonly stands: boolean }[]> {
  const { accountId, target, before } = deed;
  if (standing.kind === 'key') {
    // What a key does to itself is decided with its row locked, and may be what takes its right.
    if (target.id === standing.keyId)
      return Promise.resolve([{ stands: deed.action !== 'key.rotated' || wasLive(standing, before) }]);
    return manager.query(KEY_STANDS, [standing.keyId, standing.scopes, target.id, standing.secretId]);
  }
  const { personId, sessionId, role } = standing;
  if (target.id === personId && before?.['session'] === sessionId) return Promise.resolve([{ stands: true }]); // ended by itself
  if (standing.operator) return manager.query(OPERATOR_STANDS, [sessionId, personId]);
  // Likewise of members, whose role is the one that the change began with.
  if (target.id === personId && before?.['role'] !== undefined) return Promise.resolve([{ stands: before['role'] === role }]);
  return manager.query(MEMBER_STANDS, [sessionId, personId, accountId, role]);
}

/** Whether the secret that a key presented to rotate itself was one of those that were accepted when its turn came. */
function wasLive({ secretId }: { readonly secretId: string | null }, before: Deed['before']): boolean {
  const live = before?.['secrets'];
  return secretId === null || (Array.isArray(live) && live.some((one: { readonly id: string }) => one.id === secretId));
}
