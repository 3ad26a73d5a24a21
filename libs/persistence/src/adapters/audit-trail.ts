import { type Attribution, type Deed, linkHash, seal } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { StoreError } from '../connection/store-error.js';

/**
 * Whoever holds the head of a chain is alone in adding to it, until the transaction ends. Times never run back along a
 * chain, whatever the server's clock does.
 */
const TAKE_HEAD = `
  INSERT INTO audit_heads (account_id) VALUES ($1)
  ON CONFLICT (account_id) DO UPDATE SET number = audit_heads.number
  RETURNING number::float8 AS number, hash, greatest(at, date_trunc('milliseconds', clock_timestamp())) AS at`;

const ADD_ENTRY = `
  WITH advanced AS (UPDATE audit_heads SET number = $2, at = $3, hash = $16 WHERE account_id = $1)
  INSERT INTO audit_entries (
    account_id, number, at, actor_type, actor_id, action, target_type, target_id, request_id,
    change_text, change_salt, change_digest, origin_text, origin_salt, origin_digest, hash
  ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;

const ERASE_CHANGES = `
  UPDATE audit_entries SET change_text = NULL, change_salt = NULL
  WHERE account_id = $1 AND target_id = $2 AND change_text IS NOT NULL`;

interface HeadRow {
  readonly number: number;
  readonly hash: Buffer;
  readonly at: Date;
}

/**
 * Puts down what a transaction did, after all that it changes and before it notes the change in the journal: from here to
 * the commit nothing else is put down in this account.
 */
export async function putDown(manager: EntityManager, deed: Deed, by: Attribution): Promise<void> {
  const { accountId, action, target, before, after } = deed;
  const [head] = await manager.query<HeadRow[]>(TAKE_HEAD, [accountId]);
  if (head === undefined) throw new StoreError('the audit chain has no head');
  const { actor, address, userAgent, requestId } = by;
  const [change, origin] = [seal({ before, after }), seal({ address, userAgent })];
  const number = head.number + 1;
  const link = { accountId, number, at: head.at, actor, action, target, requestId, change: change.digest, origin: origin.digest };
  await manager.query(ADD_ENTRY, [
    ...[accountId, number, head.at, actor.type, actor.id, action, target.type, target.id, requestId],
    ...[change, origin].flatMap(({ text, salt, digest }) => [text, salt, digest]),
    linkHash(head.hash, link),
  ]);
}

/** Erases what the record tells about the state of something that is gone for good; that it was there stays. */
export async function eraseChanges(manager: EntityManager, accountId: string, targetId: string): Promise<void> {
  await manager.query(ERASE_CHANGES, [accountId, targetId]);
}
