import type { IdLists } from './id-lists.js';
import type { Wanted } from './key-conditions.js';

/** The list of a scope that keys hold; as the migration of key_terms has it. */
export const scopeTerm = (scope: string) => `s:${scope}`;
export const productTerm = (product: string) => `p:${product}`;
export const EVERY_PRODUCT = 'P';

/**
 * The lists of some terms.
 * @param terms the name of their value
 */
export function termLists(terms: string, wanted: Wanted): IdLists {
  return {
    each: `unnest(CAST(:${terms} AS text[])) AS list (value)`,
    type: 'text',
    tables: 'key_terms t JOIN keys k ON k.id = t.key_id',
    keyId: 't.key_id',
    holds: (term) => `t.account_id = :accountId AND t.term = ${term}`,
    wanted,
  };
}

/** As many words may begin with one that is searched for that their lists are read one by one. */
const MOST_WORDS = 64;

/**
 * Finds the terms of the words that begin with the longest of those searched for, by leaping from one to the next. More than
 * {@link MOST_WORDS} are one more: then so many keys are found by it that they are met soon in the list of all.
 */
export const TERMS_OF_WORDS = `
  WITH RECURSIVE asked AS (
    SELECT 'w:' || word AS term FROM unnest(name_words($2)) word ORDER BY length(word) DESC LIMIT 1
  ), words (term, number) AS (
    SELECT (SELECT t.term FROM key_terms t WHERE t.account_id = $1 AND t.term >= asked.term ORDER BY t.term LIMIT 1), 1 FROM asked
    UNION ALL
    SELECT (SELECT t.term FROM key_terms t WHERE t.account_id = $1 AND t.term > words.term ORDER BY t.term LIMIT 1), number + 1
    FROM words, asked WHERE starts_with(words.term, asked.term) AND number <= ${MOST_WORDS}
  )
  SELECT words.term FROM words, asked WHERE starts_with(words.term, asked.term)`;

export function areFewWords(terms: readonly string[]): boolean {
  return terms.length <= MOST_WORDS;
}
