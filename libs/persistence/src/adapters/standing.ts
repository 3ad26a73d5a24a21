import { addressInRanges, type Attribution, type Deed, ForbiddenError, type Standing } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';

/** What a revocation of many keys takes from the key that asked for it, in this very transaction, takes no right to ask. */
const KEY_STANDS = `
  SELECT k.allowed_cidrs AS "allowedCidrs" FROM keys k JOIN accounts a ON a.id = k.account_id
  WHERE k.id = $1 AND k.scopes @> $2::text[] AND k.enabled AND (k.revoked_at IS NULL OR k.revoked_in = $3) AND a.status = 'active'
    AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
    AND EXISTS (
      SELECT FROM secrets s
      WHERE s.id = $4 AND s.key_id = k.id AND s.revoked_at IS NULL AND (s.ends_at IS NULL OR s.ends_at > clock_timestamp())
    )`;

/** Whoever ends the session waits until what is done in it is committed; where they have begun to, nothing more is done in it. */
const IN_SESSION = 'FOR KEY SHARE OF s SKIP LOCKED';

const MEMBER_STANDS = `
  SELECT FROM sessions s JOIN memberships m ON m.person_id = s.person_id JOIN accounts a ON a.id = m.account_id
  WHERE s.id = $1 AND s.person_id = $2 AND m.account_id = $3 AND m.role = $4 AND a.status = 'active' ${IN_SESSION}`;
const OPERATOR_STANDS = `
  SELECT FROM sessions s JOIN people p ON p.id = s.person_id
  WHERE s.id = $1 AND s.person_id = $2 AND p.operator ${IN_SESSION}`;
const SESSION_STANDS = `SELECT FROM sessions s WHERE s.id = $1 AND s.person_id = $2 ${IN_SESSION}`;
const ACCOUNT_STANDS = `SELECT FROM accounts WHERE id = $1 AND status = 'active'`;

/** In which account something is done, and to what. */
type Doing = Pick<Deed, 'accountId' | 'target'>;

/**
 * Whoever asked may have lost their right since they were let in: the request waited, or was slow. Asked while the head of the account's
 * chain is held, which every change of a right in the account holds until it is committed, and with the session held: once the call that
 * took a right, or ended the session, has returned, nothing more is done by it.
 * @throws ForbiddenError when the right is gone; nothing of the transaction is to be committed
 */
export async function assertStands(manager: EntityManager, doing: Doing, { standing, address }: Attribution): Promise<void> {
  if (standing === undefined) return;
  const [found] = await whatStands(manager, doing, standing);
  if (found === undefined || !isAllowedFrom(address, found)) throw new ForbiddenError(TAKEN);
}

const TAKEN = 'The right to do this was taken away meanwhile.';

/** As the verdict has it; only keys have ranges. */
function isAllowedFrom(address: string | null, { allowedCidrs = [] }: StandingRow): boolean {
  return allowedCidrs.length === 0 || addressInRanges(address ?? '', allowedCidrs);
}

/**
 * Of a change to the very thing that the right for it hangs on, which may take that right: it is judged before the change, with the
 * thing held (the key's row; for a membership, the account) and the session.
 * @returns to whom the change is put down, of whose right no more is looked at than what others still can take
 * @throws ForbiddenError when the right is gone
 */
export async function judgedBefore(manager: EntityManager, doing: Doing, by: Attribution): Promise<Attribution> {
  const { standing } = by;
  if (standing === undefined || !hangsOn(standing, doing.target)) return by;
  await assertStands(manager, doing, by);
  return { ...by, standing: { kind: 'account' } };
}

/** Whether a change to something may take the right that it is made by. */
export function hangsOn(standing: Standing | undefined, { type, id }: Deed['target']): boolean {
  if (standing?.kind === 'key') return type === 'key' && id === standing.keyId;
  return standing?.kind === 'member' && type === 'person' && id === standing.personId;
}

interface StandingRow {
  readonly allowedCidrs?: readonly string[];
}

/** A row where the right is there still. */
function whatStands(manager: EntityManager, { accountId, target }: Doing, standing: Standing): Promise<StandingRow[]> {
  switch (standing.kind) {
    case 'key':
      return manager.query(KEY_STANDS, [standing.keyId, standing.scopes, target.id, standing.secretId]);
    case 'member':
      return manager.query(MEMBER_STANDS, [standing.sessionId, standing.personId, accountId, standing.role]);
    case 'operator':
      return manager.query(OPERATOR_STANDS, [standing.sessionId, standing.personId]);
    case 'oneself':
      return manager.query(SESSION_STANDS, [standing.sessionId, standing.personId]);
    case 'account':
      return manager.query(ACCOUNT_STANDS, [accountId]);
  }
}
