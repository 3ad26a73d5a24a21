/** Notified by an inquiry, and by an answer to one. */
export const INQUIRIES_CHANNEL = 'mintmark_inquiries';
export const ANSWERS_CHANNEL = 'mintmark_answers';

/**
 * $1 the change's place. From the numbering of an inquiry to its commit no other is numbered. A change that somebody
 * else asked about at the same moment may be seen without its number: then nothing is returned.
 */
export const INQUIRE = {
  name: 'inquiries_make',
  text: `
    WITH known AS MATERIALIZED (
      SELECT inquiry FROM changes WHERE place = $1
    ), numbered AS (
      UPDATE change_journal SET inquired = inquired + 1 WHERE (SELECT inquiry FROM known) IS NULL RETURNING inquired
    ), made AS (
      UPDATE changes SET inquiry = inquired FROM numbered WHERE place = $1 AND inquiry IS NULL RETURNING inquiry
    ), told AS (
      SELECT inquiry, pg_notify('${INQUIRIES_CHANNEL}', '') FROM made
    )
    SELECT inquiry::float8 AS inquiry FROM told UNION ALL SELECT inquiry::float8 FROM known WHERE inquiry IS NOT NULL`,
};

/** Read after the inquiry is committed: whoever is recorded later reads the store as the change has left it. */
export const ASKED = {
  name: 'inquiries_members',
  text: `
    SELECT id, 0 AS renewals, answered::float8 AS position, unanswered::float8[] AS exceptions,
           stale_guards AS "staleGuards"
    FROM verifiers ORDER BY id`,
};

/** $1 id, $2 position, $3 exceptions, $4 whether they are news, $5 stale guards. All of the statement reads one snapshot. */
export const HEAR = {
  name: 'inquiries_hear',
  text: `
    WITH told AS (
      UPDATE verifiers SET answered = $2, unanswered = $3::bigint[], stale_guards = $5 WHERE id = $1 AND $4::boolean
      RETURNING pg_notify('${ANSWERS_CHANNEL}', '')
    )
    SELECT journal.inquired::float8 AS position, change.inquiry::float8 AS inquiry, change.kind, change.account_id,
           change.key_id, change.handles
    FROM change_journal AS journal
    LEFT JOIN LATERAL (SELECT * FROM changes WHERE inquiry > $2 ORDER BY inquiry) AS change ON true
    ORDER BY change.inquiry`,
};
