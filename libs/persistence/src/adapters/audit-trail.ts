import { type Attribution, type AuditedState, ConflictError, type Deed, eventOf, linkFrame, newId, seal } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import type { Database } from '../connection/database.js';
import { keyFacts } from './key-facts.js';
import { assertStands } from './standing.js';

/**
 * Puts an event on its way to each webhook that is on and subscribed to it; $16 its type, null where a deed is no event, $17 its
 * id and $18 what it tells beside the target. One look into the index of webhooks where there is none. The statement may have waited
 * for whoever deleted one: locked, that is not among them.
 */
const TELL_WEBHOOKS = `
    INSERT INTO webhook_deliveries (webhook_id, event_id, type, occurred_at, data)
    SELECT webhook.id, $17::text, $16::text, head.at, jsonb_build_object('id', $8::text) || coalesce(target.told, '{}') || $18::jsonb
    FROM head JOIN webhooks webhook ON webhook.account_id = head.account_id
    LEFT JOIN LATERAL (
      SELECT ${keyFacts('key')} AS told FROM keys key WHERE $7 = 'key' AND key.account_id = webhook.account_id AND key.id = $8
    ) target ON true
    WHERE webhook.enabled AND $16::text = ANY (webhook.events) FOR KEY SHARE OF webhook`;

/**
 * Adds an entry to the chain of an account, in one statement: from here to the commit nobody else adds to it. Times never run
 * back along a chain, whatever the server's clock does.
 */
const ADD_ENTRY = `
  WITH head AS (
    INSERT INTO audit_heads AS head (account_id, number, at, hash)
    SELECT $1, 1, now, audit_link_hash($2, 1, now, $3, decode(repeat('00', 32), 'hex'))
    FROM date_trunc('milliseconds', clock_timestamp()) AS now
    ON CONFLICT (account_id) DO UPDATE SET
      number = head.number + 1,
      at = greatest(head.at, excluded.at),
      hash = audit_link_hash($2, head.number + 1, greatest(head.at, excluded.at), $3, head.hash)
    RETURNING account_id, number, at, hash
  ), told AS (${TELL_WEBHOOKS})
  INSERT INTO audit_entries (
    account_id, number, at, hash, actor_type, actor_id, action, target_type, target_id, request_id,
    change_text, change_salt, change_digest, origin_text, origin_salt, origin_digest
  )
  SELECT account_id, number, at, hash, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 FROM head`;

/** How many entries one statement erases at most: none holds its locks for long. */
const ERASED_AT_ONCE = 1_000;

const ERASE_CHANGES = {
  name: 'erase_changes_of_deleted_key',
  text: `
  UPDATE audit_entries SET change_text = NULL, change_salt = NULL
  WHERE account_id = $1 AND number IN (
    SELECT number FROM audit_entries
    WHERE account_id = $1 AND target_id = $2 AND target_type = 'key' AND change_text IS NOT NULL
      AND EXISTS (SELECT FROM audit_entries WHERE account_id = $1 AND target_id = $2 AND action = 'key.deleted')
    ORDER BY number LIMIT ${ERASED_AT_ONCE}
  )
  RETURNING number`,
};

const NOTE_ATTEMPT = `
  WITH noted AS (
    UPDATE idempotency_records SET target_type = coalesce(target_type, $2), target_id = coalesce(target_id, $3)
    WHERE attempt = $1 RETURNING attempt
  )
  SELECT count(*)::int AS noted FROM noted`;

/**
 * Puts down what a transaction did, and puts it on its way to webhooks, after all that it changes and before it notes the change
 * in the journal: from here to the commit nothing else is put down in this account.
 * @throws ForbiddenError when whoever asked has lost the right to do so
 */
export async function putDown(manager: EntityManager, deed: Deed, by: Attribution): Promise<void> {
  const { accountId, action, target, before, after } = deed;
  if (by.attempt !== undefined) await noteAttempt(manager, by.attempt, deed);
  if (isNothing(before) && isNothing(after)) return;
  const { actor, address, userAgent, requestId } = by;
  const [change, origin] = [seal({ before, after }), seal({ address, userAgent })];
  const link = { accountId, actor, action, target, requestId, change: change.digest, origin: origin.digest };
  const { opening, closing } = linkFrame(link);
  const event = eventOf(deed);
  await manager.query(ADD_ENTRY, [
    ...[accountId, opening, closing, actor.type, actor.id, action, target.type, target.id, requestId],
    ...[change, origin].flatMap(({ text, salt, digest }) => [text, salt, digest]),
    ...(event === null ? [null, null, null] : [event.type, newId('msg'), event.details]),
  ]);
  await assertStands(manager, deed, by);
}

/** A change that left everything as it was is no deed. */
function isNothing(state: AuditedState | null): boolean {
  return state !== null && Object.keys(state).length === 0;
}

/** @throws ConflictError where a repetition has taken the place of the attempt: what this one did is not to be committed */
async function noteAttempt(manager: EntityManager, attempt: string, { target }: Deed): Promise<void> {
  const [row] = await manager.query<{ noted: number }[]>(NOTE_ATTEMPT, [attempt, target.type, target.id]);
  if (row?.noted !== 1) throw new ConflictError('A repetition of this request has taken its place.');
}

/**
 * Erases what the record tells about the state of a key that is deleted for good, and nothing of one that is not; that it was
 * there stays. Begun anew it goes on where it ended.
 */
export async function eraseDeletedKey(database: Database, accountId: string, keyId: string): Promise<void> {
  let erased: readonly object[];
  do {
    erased = await database.prepared(ERASE_CHANGES, [accountId, keyId]);
  } while (erased.length === ERASED_AT_ONCE);
}
