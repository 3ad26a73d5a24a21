/** The most changes that one exchange brings. */
export const CHANGES_AT_ONCE = 1_000;

/** Notified in the transaction of every change, and of every confirmation (libs/persistence writes the first). */
export const CHANGES_CHANNEL = 'mintmark_changes';
export const PROGRESS_CHANNEL = 'mintmark_progress';

const CLOCK = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';

/** Committed by itself before it returns; whatever is committed after its snapshot comes with the first exchange. */
export const JOIN = {
  name: 'coherence_join',
  text: `
    INSERT INTO verifiers (id, place) SELECT $1, head FROM change_journal
    RETURNING place::float8 AS position, ${CLOCK} AS now`,
};

/**
 * $1 id, $2 position, $3 exceptions, $4 1 for a renewal, $5 whether the progress is news, $6 synchronous_commit, $7 stale guards. A
 * renewal must outlive a crash of the server: otherwise its counter would fall back, and a member could be taken for
 * dead that is not. A confirmation may be lost: it is waited for a little longer then. All of the statement reads
 * one snapshot.
 */
export const EXCHANGE = {
  name: 'coherence_exchange',
  text: `
    WITH durability AS MATERIALIZED (
      SELECT set_config('synchronous_commit', $6, true) AS value
    ), member AS (
      UPDATE verifiers SET renewals = renewals + $4::int, place = $2, exceptions = $3::bigint[], stale_guards = $7,
             renewed_at = CASE $4::int WHEN 1 THEN clock_timestamp() ELSE renewed_at END
      FROM durability WHERE id = $1 RETURNING CASE WHEN $5::boolean THEN pg_notify('${PROGRESS_CHANNEL}', '') END
    )
    SELECT (SELECT count(*) FROM member)::int AS members, ${CLOCK} AS now, journal.head::float8 AS head,
           change.place::float8 AS place, change.kind, change.account_id, change.key_id, change.handles
    FROM change_journal AS journal
    LEFT JOIN LATERAL (SELECT * FROM changes WHERE place > $2 ORDER BY place LIMIT ${CHANGES_AT_ONCE}) AS change ON true
    ORDER BY change.place`,
};

export const LEAVE = { name: 'coherence_leave', text: 'DELETE FROM verifiers WHERE id = $1' };

export const MEMBERS = {
  name: 'coherence_members',
  text: `
    SELECT id, renewals::float8 AS renewals, place::float8 AS position, exceptions::float8[] AS exceptions,
           stale_guards AS "staleGuards"
    FROM verifiers ORDER BY id`,
};

export const PRUNE = { name: 'coherence_prune', text: 'DELETE FROM verifiers WHERE id = $1 AND renewals = $2' };
