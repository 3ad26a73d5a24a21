import type { ChangeScope, CommittedChange } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { StoreError } from '../connection/store-error.js';

/** Wakes whoever follows the journal, once the transaction is committed; libs/coherence listens. */
const CHANGES_CHANNEL = 'mintmark_changes';

const NOTE_CHANGE = `
  WITH numbered AS (
    UPDATE change_journal SET head = head + 1 RETURNING head
  ), noted AS (
    INSERT INTO changes (place, kind, account_id, key_id, handles) SELECT head, $1, $2, $3, $4 FROM numbered RETURNING place
  )
  SELECT place::float8 AS place, pg_notify('${CHANGES_CHANNEL}', '') FROM noted`;

/** What happens to a whole account happens to the keys that are there; of those that are not, their own changes tell. */
const LAST_CHANGE_OF_KEY = `
  WITH own AS (
    SELECT place, handles FROM changes WHERE key_id = $2 AND account_id = $1 ORDER BY place DESC LIMIT 1
  ), shared AS (
    SELECT place, handles, published FROM changes
    WHERE key_id = '' AND account_id = $1 AND EXISTS (SELECT FROM keys WHERE id = $2 AND account_id = $1)
    ORDER BY place DESC LIMIT 1
  ), last AS (
    SELECT own.*, shared.place AS shared, NOT shared.published AND shared.place > coalesce(own.place, 0) AS whole,
      shared.handles AS shared_handles
    FROM own FULL JOIN shared ON true
  )
  SELECT greatest(place, shared)::float8 AS place, coalesce(whole, false) AS whole,
    CASE WHEN whole THEN shared_handles ELSE coalesce(handles, '{}') END AS handles
  FROM last`;

/**
 * Writes a change into the journal, in the transaction of the change itself and as its last statement: from here to
 * the commit no other change is numbered, so that places are committed in their order.
 */
export async function noteChange(
  manager: EntityManager,
  scope: ChangeScope,
  handles: readonly string[] = [],
): Promise<CommittedChange> {
  const accountId = scope.kind === 'all' ? '' : scope.accountId;
  const keyId = scope.kind === 'key' ? scope.keyId : '';
  const [row] = await manager.query<{ place: number }[]>(NOTE_CHANGE, [scope.kind, accountId, keyId, [...handles]]);
  if (row === undefined) throw new StoreError('the journal of changes has no head');
  return { place: row.place, scope, handles };
}

/**
 * The last change of a key that the journal still holds; null: none. One of its whole account that is published stands here as one of
 * this key alone: who waits for it waits as long, and makes verifiers forget no other key by publishing it once more. Before that
 * it stands as what it is, since it counts as published when it was published from here.
 */
export async function lastChangeOf(manager: EntityManager, accountId: string, keyId: string): Promise<CommittedChange | null> {
  const [row] = await manager.query<{ place: number; whole: boolean; handles: string[] }[]>(LAST_CHANGE_OF_KEY, [
    accountId,
    keyId,
  ]);
  if (row === undefined) return null;
  const { place, whole, handles } = row;
  return { place, scope: whole ? { kind: 'account', accountId } : { kind: 'key', accountId, keyId }, handles };
}
