import { finished } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from } from 'pg-copy-streams';
import type { EntityManager } from 'typeorm';

/** What a column is copied from; jsonb and others from their text. */
export type CopiedValue = string | boolean | Date | Buffer | readonly string[] | null;

/** Control characters and the backslash end a value or change its meaning (PostgreSQL, COPY, Text Format). */
const ESCAPED = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const NULL = '\\N';

/** A server that has not taken the rows by now, in milliseconds, is frozen or cut off; how long it may try, the transaction says. */
const ANSWER_LIMIT_MS = 30_500;

/**
 * Adds many rows in the transaction of the manager, in about half the time of an INSERT.
 * @param into the table and its columns, as they stand after COPY
 * @param valuesOf the columns of the row that an item becomes
 */
export async function copyRows<Item>(
  manager: EntityManager,
  into: string,
  items: readonly Item[],
  valuesOf: (item: Item) => readonly CopiedValue[],
): Promise<void> {
  const client = (await manager.queryRunner?.connect()) as PoolClient;
  const copying = client.query(Object.assign(from(`COPY ${into} FROM STDIN`), { query_timeout: ANSWER_LIMIT_MS }));
  copying.end(items.map((item) => copyLine(valuesOf(item))).join(''));
  await finished(copying);
}

function copyLine(values: readonly CopiedValue[]): string {
  return `${values.map(fieldOf).join('\t')}\n`;
}

function fieldOf(value: CopiedValue): string {
  if (value === null) return NULL;
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  return value.length === 0 ? '{}' : escaped(`{${value.map(elementOf).join(',')}}`);
}

function escaped(text: string): string {
  return text.replace(ESCAPED, (character) => ESCAPES[character] ?? character);
}

/** An element of an array, as its own text has it (PostgreSQL, Array Input and Output Syntax). */
function elementOf(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
