import type { IdLists } from './id-lists.js';
import type { Wanted } from './key-conditions.js';

/** Where keys stand in lists by the month and by the day of a time, each in the order of their ids. */
export interface TimeLists {
  /** The tables, with the key as `k`. */
  readonly tables: string;
  /** The table that the lists are of, alone. */
  readonly table: string;
  /** The id of the key, as the lists are ordered by it. */
  readonly keyId: string;
  /** What the lists hold, and how they begin. */
  readonly within: string;
  readonly month: string;
  readonly day: (day: string) => string;
  /** What a row of the lists tells of a moment, as far as it does: keys on the other side need not be looked at. */
  readonly exactly?: (side: '<' | '>=', moment: string) => string;
}

/** Keys by when they expire, those that are revoked and the others apart. */
export function expiryLists(revoked: boolean): TimeLists {
  return {
    tables: 'keys k',
    table: 'keys k',
    keyId: 'k.id',
    within: `k.account_id = :accountId AND k.expires_at IS NOT NULL AND (CASE WHEN k.revoked_at IS NULL THEN 1 ELSE 0 END) = ${revoked ? 0 : 1}`,
    month: `date_trunc('month', k.expires_at AT TIME ZONE 'UTC')`,
    day: (day) => `date_trunc('day', k.expires_at AT TIME ZONE 'UTC') = ${day}`,
  };
}

const NEWEST_SECRETS = {
  tables: 'secrets s JOIN keys k ON k.id = s.key_id',
  table: 'secrets s',
  keyId: 's.key_id',
  within: 's.account_id = :accountId AND s.newest',
} as const;

/** Keys by when their newest secret was made. */
export const MADE_LISTS: TimeLists = {
  ...NEWEST_SECRETS,
  month: `date_trunc('month', s.created_at AT TIME ZONE 'UTC')`,
  day: (day) => `date_trunc('day', s.created_at AT TIME ZONE 'UTC') = ${day}`,
  exactly: (side, moment) => `s.created_at ${side} ${moment}`,
};

/** Keys by when their newest secret was used; those that never were, by when they were made. */
export const USED_LISTS: TimeLists = {
  ...NEWEST_SECRETS,
  month: `date_trunc('month', CAST(s.used_day AS timestamp))`,
  day: (day) => `s.used_day = CAST(${day} AS date)`,
  exactly: (side, moment) => `coalesce(s.last_used_at, s.key_made_at) ${side} ${moment}`,
};

/**
 * The lists on one side of a moment: whole months, then the days of its own month, as far as its own day. Where the lists don't
 * tell all of it, the conditions of what is wanted must tell on that day.
 */
export function alongTime(lists: TimeLists, side: 'before' | 'since', moment: string, wanted: Wanted): IdLists[] {
  const utc = `(CAST(${moment} AS timestamptz) AT TIME ZONE 'UTC')`;
  const [ownMonth, ownDay] = [`date_trunc('month', ${utc})`, `date_trunc('day', ${utc})`];
  const lastDayBefore = `date_trunc('day', ${utc} - interval '1 microsecond')`;
  const days = side === 'before' ? [ownMonth, lastDayBefore] : [ownDay, `${ownMonth} + interval '1 month' - interval '1 day'`];
  const [beyond, order] = side === 'before' ? ['<', 'DESC'] : ['>', 'ASC'];
  const nextMonth = (from: string) =>
    `(SELECT ${lists.month} FROM ${lists.table} WHERE ${lists.within} AND ${lists.month} ${beyond} ${from} ORDER BY ${lists.month} ${order} LIMIT 1)`;
  const months = `
    (WITH RECURSIVE months (month) AS (
      SELECT ${nextMonth(ownMonth)} UNION ALL SELECT ${nextMonth('months.month')} FROM months WHERE months.month IS NOT NULL
    ) SELECT month FROM months WHERE month IS NOT NULL)`;
  const { tables, keyId, within } = lists;
  const exactly = lists.exactly?.(side === 'before' ? '<' : '>=', moment) ?? 'true';
  const dated = { type: 'timestamp', tables, keyId, wanted };
  return [
    { ...dated, each: `${months} AS list (value)`, holds: (month) => `${within} AND ${lists.month} = ${month} AND ${exactly}` },
    {
      ...dated,
      each: `generate_series(${days.join(', ')}, interval '1 day') AS list (value)`,
      holds: (day) => `${within} AND ${lists.day(day)} AND ${exactly}`,
    },
  ];
}
