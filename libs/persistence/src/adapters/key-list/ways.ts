import { grantingScopes, type KeyFilter } from '#libs/key-domain';
import type { IdLists } from './id-lists.js';
import { DUE_BEFORE, NOW, type Values, type Wanted } from './key-conditions.js';
import { EVERY_PRODUCT, productTerm, scopeTerm, termLists } from './term-lists.js';
import { alongTime, expiryLists, MADE_LISTS, USED_LISTS } from './time-lists.js';

/** A way to the wanted keys, by what one part of the filter has lists for: together lists and statements find the whole page. */
export interface Way {
  readonly lists?: readonly IdLists[];
  /** Each yields up to `:most` ids, newest first. */
  readonly statements?: readonly string[];
  readonly values?: Values;
}

/** The way along the keys themselves, newest first, by whichever of their indexes is the shortest. */
export function alongKeys({ conditions }: Wanted): Way {
  return { statements: [newestOf(conditions)] };
}

function newestOf(conditions: string): string {
  return `SELECT k.id FROM keys k WHERE ${conditions} ORDER BY k.id DESC LIMIT :most`;
}

/**
 * The ways that a filter offers: any of them alone finds the whole page. Those that usually leave fewer keys come first.
 * @param wantedBy what a filter wants
 * @param words the terms of the words that the searched text begins; null: they are too many to be read one by one
 */
export function waysOf(filter: KeyFilter, words: readonly string[] | null, wantedBy: (filter: KeyFilter) => Wanted): Way[] {
  const { rotationDue, ...others } = filter;
  const { status, environment, ownerId, productId, scope, search, expiresBefore, unusedSince } = others;
  const wanted = wantedBy(filter);
  const plain = alongKeys(wanted);
  return [
    ownerId !== undefined && plain,
    search !== undefined && words !== null && bySearch(words, wanted),
    (status === 'revoked' || status === 'disabled') && plain,
    productId !== undefined && byTerms('productTerms', [productTerm(productId), EVERY_PRODUCT], wanted),
    scope !== undefined && byTerms('scopeTerms', grantingScopes(scope).map(scopeTerm), wanted),
    unusedSince !== undefined && { lists: alongTime(USED_LISTS, 'before', ':unusedSince', wanted) },
    rotationDue === true && { lists: alongTime(MADE_LISTS, 'before', DUE_BEFORE, wantedBy(others)) },
    expiresBefore !== undefined && byExpiry(wanted),
    status === 'expired' && { lists: alongTime(expiryLists(false), 'before', NOW, wanted) },
    environment !== undefined && plain,
    rotationDue === false && { lists: alongTime(MADE_LISTS, 'since', DUE_BEFORE, wantedBy(others)) },
    status === 'active' && byLife(wanted),
  ].filter((way) => way !== false);
}

/** The words of names, owners, and ends of tokens: a key is found by any of them. */
function bySearch(words: readonly string[], wanted: Wanted): Way {
  const { conditions, olderThan } = wanted;
  const ending = `
    SELECT DISTINCT s.key_id AS id FROM secrets s JOIN keys k ON k.id = s.key_id
    WHERE s.account_id = :accountId AND s.last_four = :search AND ${olderThan('s.key_id')} AND ${conditions}
    ORDER BY s.key_id DESC LIMIT :most`;
  const owned = newestOf(`k.owner_id = :search AND ${conditions}`);
  return { lists: [termLists('words', wanted)], statements: [owned, ending], values: { words } };
}

function byTerms(name: string, terms: readonly string[], wanted: Wanted): Way {
  return { lists: [termLists(name, wanted)], values: { [name]: terms } };
}

function byExpiry(wanted: Wanted): Way {
  return { lists: [true, false].flatMap((revoked) => alongTime(expiryLists(revoked), 'before', ':expiresBefore', wanted)) };
}

/** What never expires, and what has yet to. */
function byLife(wanted: Wanted): Way {
  const endless = newestOf(`k.expires_at IS NULL AND ${wanted.conditions}`);
  return { lists: alongTime(expiryLists(false), 'since', NOW, wanted), statements: [endless] };
}
