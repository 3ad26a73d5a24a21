import type { KeyFilter } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { merged } from './id-lists.js';
import { type Values, wantedKeys } from './key-conditions.js';
import { areFewWords, TERMS_OF_WORDS } from './term-lists.js';
import { alongKeys, waysOf } from './ways.js';

/** The ids of a page of keys, newest first, and of one more key if there is one: as a statement, with the names of its values. */
export async function listedIds(
  manager: EntityManager,
  accountId: string,
  filter: KeyFilter,
  { limit, before }: { readonly limit: number; readonly before: string | null },
): Promise<{ readonly text: string; readonly values: Values }> {
  const wantedBy = (some: KeyFilter) => wantedKeys(accountId, some, before);
  const wanted = wantedBy(filter);
  const words = filter.search === undefined ? null : await wordsBegunBy(manager, accountId, filter.search);
  const [way = alongKeys(wanted)] = waysOf(filter, words, wantedBy);
  const found = merged(way.lists ?? [], way.statements ?? []);
  return {
    text: `SELECT DISTINCT found.id FROM (${found}) AS found ORDER BY found.id DESC LIMIT :most`,
    values: { ...wanted.values, ...way.values, most: limit + 1 },
  };
}

/** Null: they are too many to be read one by one. */
async function wordsBegunBy(manager: EntityManager, accountId: string, search: string): Promise<readonly string[] | null> {
  const found = await manager.query<{ term: string }[]>(TERMS_OF_WORDS, [accountId, search]);
  const terms = found.map(({ term }) => term);
  return areFewWords(terms) ? terms : null;
}
