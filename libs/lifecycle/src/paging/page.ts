import { readCursor, writeCursor } from './cursor.js';

/** Which part of a list is wanted. */
export interface PageRequest {
  readonly limit: number;
  /** The `nextCursor` of the page before; null: the first page. */
  readonly cursor: string | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null: this was the last one. */
  readonly nextCursor: string | null;
}

/** A page of a list that is at hand as a whole. */
export function pageOf<Item>(items: readonly Item[], idOf: (item: Item) => string, { limit, cursor }: PageRequest): Page<Item> {
  const ids = items.map(idOf);
  const start = cursor === null ? 0 : ids.indexOf(readCursor(cursor, (id) => ids.includes(id))) + 1;
  const wanted = items.slice(start, start + limit);
  const last = wanted.at(-1);
  const more = start + wanted.length < items.length;
  return { items: wanted, nextCursor: more && last !== undefined ? writeCursor(idOf(last)) : null };
}
