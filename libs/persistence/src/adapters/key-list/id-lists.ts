import type { Wanted } from './key-conditions.js';

/** Lists of keys, each in the order of their ids, by one value: a term, a month, a day. */
export interface IdLists {
  /** What a statement is selected from that yields the values of the lists to be read, as `list.value`. */
  readonly each: string;
  /** The type of a value, which a text of it is read as. */
  readonly type: string;
  /** What a list is selected from, with the key as `k`. */
  readonly tables: string;
  /** The id of the key, as the lists are ordered by it. */
  readonly keyId: string;
  /** That a row stands in the list of a value. */
  readonly holds: (value: string) => string;
  readonly wanted: Wanted;
}

/**
 * So many keys of each list are read at first. A page is usually spread over its lists, so that none has to give more; one that
 * has more to give to it is read on as far as the page can reach.
 */
const READ_AT_FIRST = 8;

/**
 * Merges lists: finds the newest ids that stand in any of them, or are found by a plain statement.
 * @param plain statements that yield up to `:most` ids each
 * @returns a statement that yields the `:most` newest ids, and some older ones
 */
export function merged(lists: readonly IdLists[], plain: readonly string[]): string {
  const [only, ...more] = plain;
  if (lists.length === 0 && only !== undefined && more.length === 0) return only;
  const beginnings = lists.map((some, group) => beginningOf(some, group));
  const others = plain.map((statement) => `SELECT -1, NULL, plain.id FROM (${statement}) AS plain`);
  const continued = lists.map((some, group) => `UNION ALL (${continuationOf(some, group)})`);
  return `
    WITH first (lists, value, id) AS MATERIALIZED (${[...beginnings, ...others].map((one) => `(${one})`).join(' UNION ALL ')}),
    enough AS (SELECT DISTINCT first.id FROM first ORDER BY first.id DESC OFFSET :most - 1 LIMIT 1),
    unread AS MATERIALIZED (
      SELECT first.lists, first.value, min(first.id) AS id FROM first WHERE first.lists >= 0 GROUP BY first.lists, first.value
      HAVING count(*) = ${READ_AT_FIRST} AND min(first.id) > coalesce((SELECT enough.id FROM enough), '')
    )
    SELECT first.id FROM first ${continued.join(' ')}`;
}

function beginningOf(lists: IdLists, group: number): string {
  return `
    SELECT ${group}, CAST(list.value AS text), hit.id
    FROM ${lists.each} CROSS JOIN LATERAL (${idsOf(lists, 'list.value', 'true', String(READ_AT_FIRST))}) hit`;
}

function continuationOf(lists: IdLists, group: number): string {
  const older = `${lists.keyId} < unread.id`;
  return `
    SELECT hit.id FROM unread CROSS JOIN LATERAL (${idsOf(lists, `CAST(unread.value AS ${lists.type})`, older, ':most')}) hit
    WHERE unread.lists = ${group}`;
}

function idsOf({ tables, keyId, holds, wanted }: IdLists, value: string, older: string, most: string): string {
  const found = `${holds(value)} AND ${older} AND ${wanted.olderThan(keyId)} AND ${wanted.conditions}`;
  return `SELECT ${keyId} AS id FROM ${tables} WHERE ${found} ORDER BY ${keyId} DESC LIMIT ${most}`;
}
