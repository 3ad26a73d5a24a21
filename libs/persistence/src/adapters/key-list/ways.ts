import { firstIdSince, grantingScopes, type KeyFilter } from '#libs/key-domain';
import { DUE_BEFORE, NOW, type Values, type Wanted } from './key-conditions.js';
import { EVERY_PRODUCT, inTermLists, productTerm, scopeTerm } from './term-lists.js';
import { alongTime, expiryLists, MADE_LISTS, USED_LISTS } from './time-lists.js';

/** A way to the wanted keys, by what one part of the filter has lists for. */
export interface Way {
  /** Statements that find between them every key of the page: up to `:most` ids each, in the order of a list or in none. */
  readonly statements: readonly string[];
  readonly values?: Values;
}

/** The way along the keys themselves, newest first, by whichever of their indexes is the shortest. */
export function alongKeys({ conditions }: Wanted): Way {
  return { statements: [`SELECT k.id FROM keys k WHERE ${conditions} ORDER BY k.id DESC LIMIT :most`] };
}

/**
 * The ways that a filter offers: any of them alone finds the whole page. Those that usually leave fewer keys come first.
 * @param words the terms of the words that the searched text begins; null: they are too many to be read one by one
 */
export function waysOf(filter: KeyFilter, words: readonly string[] | null, wanted: Wanted): Way[] {
  const { status, environment, ownerId, productId, scope, search, expiresBefore, unusedSince, rotationDue } = filter;
  const plain = alongKeys(wanted);
  return [
    ownerId !== undefined && plain,
    search !== undefined && words !== null && bySearch(words, wanted),
    (status === 'revoked' || status === 'disabled') && plain,
    productId !== undefined && byTerms('productTerms', [productTerm(productId), EVERY_PRODUCT], wanted),
    scope !== undefined && byTerms('scopeTerms', grantingScopes(scope).map(scopeTerm), wanted),
    unusedSince !== undefined && byUse(unusedSince, wanted),
    rotationDue === true && { statements: alongTime(MADE_LISTS, 'before', DUE_BEFORE, wanted) },
    expiresBefore !== undefined && byExpiry(wanted),
    status === 'expired' && { statements: alongTime(expiryLists(false), 'before', NOW, wanted) },
    environment !== undefined && plain,
    rotationDue === false && { statements: alongTime(MADE_LISTS, 'since', DUE_BEFORE, wanted) },
    status === 'active' && byLife(wanted),
  ].filter((way) => way !== false);
}

/** The words of names, owners, and ends of tokens: a key is found by any of them. */
function bySearch(words: readonly string[], wanted: Wanted): Way {
  const { conditions, olderThan } = wanted;
  const owned = { ...wanted, conditions: `k.owner_id = :search AND ${conditions}` };
  const ending = `
    SELECT DISTINCT s.key_id AS id FROM secrets s JOIN keys k ON k.id = s.key_id
    WHERE s.account_id = :accountId AND s.last_four = :search AND ${olderThan('s.key_id')} AND ${conditions}
    ORDER BY s.key_id DESC LIMIT :most`;
  return { statements: [inTermLists('words', wanted), ...alongKeys(owned).statements, ending], values: { words } };
}

function byTerms(name: string, terms: readonly string[], wanted: Wanted): Way {
  return { statements: [inTermLists(name, wanted)], values: { [name]: terms } };
}

const DAY_MS = 86_400_000;

/**
 * Most keys that were never used are often the newest ones, which are too young to be wanted. Ids begin with the time at which
 * they were made: by the clock of an admin, which is less than a day away from the store's.
 */
function byUse(since: Date, wanted: Wanted): Way {
  const olderThan = (keyId: string) => `${wanted.olderThan(keyId)} AND ${keyId} < :firstTooYoung`;
  const firstTooYoung = firstIdSince('key', since.getTime() + DAY_MS);
  return { statements: alongTime(USED_LISTS, 'before', ':unusedSince', { ...wanted, olderThan }), values: { firstTooYoung } };
}

function byExpiry(wanted: Wanted): Way {
  return { statements: [true, false].flatMap((revoked) => alongTime(expiryLists(revoked), 'before', ':expiresBefore', wanted)) };
}

/** What never expires, and what has yet to. */
function byLife(wanted: Wanted): Way {
  const endless = { ...wanted, conditions: `k.expires_at IS NULL AND ${wanted.conditions}` };
  return { statements: [...alongKeys(endless).statements, ...alongTime(expiryLists(false), 'since', NOW, wanted)] };
}
