import { isSubscribed, tellOfEach } from '../events-of-keys.js';
import { IS_WHOLE, type NoticeKind } from './notice-kinds.js';

/** Gives a turn to accounts that have none yet and of which a webhook wants to be told. */
export const TAKE_UP = `
  INSERT INTO notice_rounds (account_id, event)
  SELECT DISTINCT w.account_id, wanted.event FROM webhooks w CROSS JOIN LATERAL unnest(w.events) AS wanted (event)
  WHERE w.enabled AND w.events && ARRAY['key.expiring', 'key.rotation_due'] AND wanted.event IN ('key.expiring', 'key.rotation_due')
    AND NOT EXISTS (SELECT FROM notice_rounds r WHERE r.account_id = w.account_id AND r.event = wanted.event)
  ON CONFLICT DO NOTHING
  RETURNING account_id`;

/** Whoever waited longest is next: of one account with many keys the others don't wait for more than a part. */
export const TAKE_TURN = `
  SELECT r.account_id AS "accountId", r.event FROM notice_rounds r
  WHERE r.next_at <= clock_timestamp() ORDER BY r.next_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`;

/** Of the account $1 the turn of the event $2, by $3 milliseconds. */
export const POSTPONE = `
  UPDATE notice_rounds SET next_at = clock_timestamp() + $3 * interval '1 millisecond' WHERE account_id = $1 AND event = $2`;

/** Of the account $1 the event $2: the first webhook that wants it again is told of everything that is due then. */
export const GIVE_UP = `DELETE FROM notice_rounds WHERE account_id = $1 AND event = $2`;

/** Of the account $1, unless one is under way. */
export const beginRound = ({ event, from }: NoticeKind) => `
  WITH begun AS MATERIALIZED (SELECT clock_timestamp() AS now)
  UPDATE notice_rounds r SET
    begun_at = begun.now, day = ${from}, key_id = '', whole_at = CASE WHEN ${IS_WHOLE} THEN begun.now ELSE r.whole_at END
  FROM begun, accounts a
  WHERE r.account_id = $1 AND r.event = '${event}' AND r.begun_at IS NULL AND a.id = r.account_id`;

/**
 * The webhooks of the account $1 that want to be told. None of them is switched off until the transaction ends: whoever is doing
 * so is waited for, before any key is held.
 */
export const holdSubscribed = ({ event }: NoticeKind) =>
  `SELECT w.id FROM webhooks w WHERE w.account_id = $1 AND ${isSubscribed(event)} ORDER BY w.id FOR SHARE OF w`;

/**
 * Reads up to $2 keys of the account $1 from the lists, notes what of them is due and was not told, and puts it on its way to
 * webhooks: what is noted and what is on its way are committed together. $3 milliseconds to the next round, $4 the webhooks, which are
 * held, $5 what the ids of the events begin with. A key that somebody is deleting is passed over.
 */
export const tellPage = ({ event, lists: { table, within, day, keyId }, until, reached, due }: NoticeKind) => `
  WITH round AS MATERIALIZED (
    SELECT now, r.account_id, r.day, r.key_id, coalesce(r.reached, r.begun_at) AS reached, ${until('now')} AS until
    FROM notice_rounds r JOIN accounts a ON a.id = r.account_id CROSS JOIN clock_timestamp() now
    WHERE r.account_id = $1 AND r.event = '${event}'
  ), listed AS MATERIALIZED (
    SELECT page.day, page.id FROM round CROSS JOIN LATERAL (
      SELECT ${day} AS day, ${keyId} AS id FROM ${table}
      WHERE ${within} AND (${day}, ${keyId}) > (round.day, round.key_id) AND ${day} <= date_trunc('day', round.until AT TIME ZONE 'UTC')
      ORDER BY ${day}, ${keyId} LIMIT $2
    ) page
  ), subscribed AS MATERIALIZED (
    SELECT unnest($4::text[]) AS id
  ), due AS MATERIALIZED (
    SELECT k.id, notice.kind, notice.moment, notice.details
    FROM (SELECT DISTINCT id FROM listed) one JOIN keys k ON k.id = one.id CROSS JOIN round CROSS JOIN LATERAL (${due}) notice
    WHERE k.revoked_at IS NULL AND k.enabled AND EXISTS (SELECT FROM subscribed)
      AND NOT EXISTS (SELECT FROM key_notices t WHERE t.key_id = k.id AND t.kind = notice.kind AND t.moment = notice.moment)
    FOR KEY SHARE OF k SKIP LOCKED
  ), noted AS (
    INSERT INTO key_notices AS former (key_id, kind, moment) SELECT id, kind, moment FROM due
    ON CONFLICT (key_id, kind) DO UPDATE SET moment = excluded.moment WHERE former.moment <> excluded.moment
    RETURNING key_id
  ), told AS (${tellOfEach({
    event,
    ids: '$5::text',
    at: `date_trunc('milliseconds', round.now)`,
    details: 'due.details',
    keys: 'noted JOIN due ON due.id = noted.key_id JOIN keys key ON key.id = noted.key_id CROSS JOIN round WHERE true',
  })})
  UPDATE notice_rounds r SET
    day = coalesce(last.day, r.day), key_id = coalesce(last.id, r.key_id),
    next_at = CASE WHEN page.is_full THEN round.now ELSE round.now + $3 * interval '1 millisecond' END,
    begun_at = CASE WHEN page.is_full THEN r.begun_at END,
    reached = CASE WHEN page.is_full THEN r.reached ELSE ${reached} END
  FROM round JOIN accounts a ON a.id = round.account_id CROSS JOIN (SELECT count(*) = $2 AS is_full FROM listed) page
    LEFT JOIN (SELECT day, id FROM listed ORDER BY day DESC, id DESC LIMIT 1) last ON true
  WHERE r.account_id = round.account_id AND r.event = '${event}'`;
