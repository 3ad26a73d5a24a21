import {
  type Granularity,
  GRANULARITIES,
  USAGE_KEPT_DAYS,
  type UsageBatch,
  type UsageSpan,
  type UsageStore,
  type UsageTotal,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Counts are forgotten two days late, so that whoever asks for as much as is kept gets all of it. */
const LATE_DAYS = 2;
/** A source that has added nothing for so many days has ended. */
const SOURCE_KEPT_DAYS = 30;
/** How many rows one statement forgets at most: none holds its locks for long. */
const PRUNED_AT_ONCE = 1_000;

/**
 * The row of the source tells whether the batch was added before, and has a second attempt wait for the first. Keys are locked
 * against being deleted meanwhile. All rows are locked in the order of their names, so that two verifiers never lock each
 * other out.
 */
const ADD = {
  name: 'add_usage',
  text: `
    WITH fresh AS (
      INSERT INTO usage_sources AS source (id, batch) VALUES ($1, $2)
      ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, added_at = excluded.added_at WHERE source.batch < excluded.batch
      RETURNING id
    ), live AS MATERIALIZED (
      SELECT k.id, k.account_id FROM keys k
      WHERE k.id = ANY ($3::text[]) AND EXISTS (SELECT FROM fresh)
      ORDER BY k.id FOR KEY SHARE
    ), counted AS MATERIALIZED (
      SELECT live.account_id, live.id AS key_id, granularity, date_trunc(granularity, one.hour, 'UTC') AS start, one.outcome,
        sum(one.count) AS count
      FROM unnest($3::text[], $4::timestamptz[], $5::text[], $6::bigint[]) AS one (key_id, hour, outcome, count)
      JOIN live ON live.id = one.key_id
      CROSS JOIN (VALUES ('hour'), ('day')) AS both_of (granularity)
      GROUP BY live.account_id, live.id, granularity, date_trunc(granularity, one.hour, 'UTC'), one.outcome
    ), of_accounts AS (
      INSERT INTO account_usage AS total (account_id, granularity, start, outcome, count)
      SELECT account_id, granularity, start, outcome, sum(count) FROM counted
      GROUP BY account_id, granularity, start, outcome ORDER BY account_id, granularity, start, outcome
      ON CONFLICT (account_id, granularity, start, outcome) DO UPDATE SET count = total.count + excluded.count
    )
    INSERT INTO key_usage AS total (key_id, granularity, start, outcome, count)
    SELECT key_id, granularity, start, outcome, count FROM counted ORDER BY key_id, granularity, start, outcome
    ON CONFLICT (key_id, granularity, start, outcome) DO UPDATE SET count = total.count + excluded.count`,
};

/** One row without a start where the key was not verified. */
const OF_KEY = {
  name: 'usage_of_key',
  text: `
    SELECT total.start, total.outcome, total.count::float8 AS count
    FROM keys k LEFT JOIN key_usage total
      ON total.key_id = k.id AND total.granularity = $3 AND total.start >= $4 AND total.start < $5
    WHERE k.id = $2 AND k.account_id = $1
    ORDER BY total.start, total.outcome`,
};

const OF_ACCOUNT = {
  name: 'usage_of_account',
  text: `
    SELECT start, outcome, count::float8 AS count FROM account_usage
    WHERE account_id = $1 AND granularity = $2 AND start >= $3 AND start < $4
    ORDER BY start, outcome`,
};

const PRUNES = [
  ...(['key', 'account'] as const).flatMap((owner) => GRANULARITIES.map((granularity) => pruneOf(owner, granularity))),
  {
    name: 'prune_usage_sources',
    text: `
      DELETE FROM usage_sources WHERE id IN (
        SELECT id FROM usage_sources WHERE added_at < clock_timestamp() - interval '${SOURCE_KEPT_DAYS} days'
        LIMIT ${PRUNED_AT_ONCE} FOR UPDATE SKIP LOCKED
      ) RETURNING id`,
  },
];

@Injectable()
export class PostgresUsageStore implements UsageStore {
  constructor(private readonly database: Database) {}

  async add({ source, number, counts }: UsageBatch): Promise<void> {
    await this.database.prepared(ADD, [
      source,
      number,
      counts.map(({ keyId }) => keyId),
      counts.map(({ hour }) => hour),
      counts.map(({ outcome }) => outcome),
      counts.map(({ count }) => count),
    ]);
  }

  async ofKey(accountId: string, keyId: string, { granularity, from, to }: UsageSpan): Promise<readonly UsageTotal[] | null> {
    const rows = await this.database.prepared<UsageTotal | NoTotal>(OF_KEY, [accountId, keyId, granularity, from, to]);
    return rows.length === 0 ? null : rows.filter((row) => row.start !== null);
  }

  ofAccount(accountId: string, { granularity, from, to }: UsageSpan): Promise<readonly UsageTotal[]> {
    return this.database.prepared<UsageTotal>(OF_ACCOUNT, [accountId, granularity, from, to]);
  }

  async prune(): Promise<boolean> {
    let mayBeMore = false;
    for (const statement of PRUNES) {
      const pruned = await this.database.prepared(statement);
      mayBeMore ||= pruned.length === PRUNED_AT_ONCE;
    }
    return mayBeMore;
  }
}

interface NoTotal {
  readonly start: null;
}

function pruneOf(owner: 'key' | 'account', granularity: Granularity) {
  const table = `${owner}_usage`;
  return {
    name: `prune_${table}_by_${granularity}`,
    text: `
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${table}
        WHERE granularity = '${granularity}'
          AND start < statement_timestamp() - interval '${USAGE_KEPT_DAYS[granularity] + LATE_DAYS} days'
        ORDER BY start LIMIT ${PRUNED_AT_ONCE} FOR UPDATE SKIP LOCKED
      )) RETURNING start`,
  };
}
