import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;
const NUMBER_CHARACTERS = 6;

let lastMs = 0;
let lastRandom = 0n;

/**
 * A new identifier, e.g. `key_01jd…`: 48 bits of milliseconds and 80 random bits in Crockford's base32, lower
 * case. Identifiers of one process ascend in the order they were made, so that a list by id is a list by age
 * and an index grows at its end.
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  const ms = Math.max(now, lastMs);
  lastRandom = ms === lastMs ? lastRandom + 1n : BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;
  lastMs = ms;
  return `${kind}_${base32(BigInt(ms), TIME_CHARACTERS)}${base32(lastRandom, RANDOM_CHARACTERS)}`;
}

/**
 * What the new identifiers of up to 16,777,216 things that are made at once begin with; of each its number in six
 * hexadecimal digits, lower case, is to follow.
 */
export function idsAtOnce(kind: IdKind, now: number = Date.now()): string {
  const random = BigInt(`0x${randomBytes(8).toString('hex')}`);
  return `${kind}_${base32(BigInt(now), TIME_CHARACTERS)}${base32(random, RANDOM_CHARACTERS - NUMBER_CHARACTERS)}`;
}

/** What an identifier begins with. */
export type IdKind = 'key' | 'sec' | 'acc' | 'usr' | 'prod' | 'inv' | 'ses' | 'imp' | 'whk' | 'msg';

function base32(value: bigint, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest >>= 5n) text = ALPHABET.charAt(Number(rest & 31n)) + text;
  return text;
}
