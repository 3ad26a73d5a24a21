import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;
const NUMBER_CHARACTERS = 6;

/** The last of the random characters are counted up as a number: as a bigint it would take most of the time. */
const COUNTED_CHARACTERS = 4;
const COUNTED_VALUES = 32 ** COUNTED_CHARACTERS;

let lastMs = 0;
let lastRandom = 0n;
let counted = 0;
/** All of the last identifier but its kind and what is counted. */
let lastHead = '';

/**
 * A new identifier, e.g. `key_01jd…`: 48 bits of milliseconds and 80 random bits in Crockford's base32, lower
 * case. Identifiers of one process ascend in the order they were made, so that a list by id is a list by age
 * and an index grows at its end.
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  const ms = Math.max(now, lastMs);
  counted += 1;
  if (ms !== lastMs || counted === COUNTED_VALUES) {
    const random = BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;
    lastRandom = ms === lastMs ? lastRandom + 1n : random / BigInt(COUNTED_VALUES);
    counted = ms === lastMs ? 0 : Number(random % BigInt(COUNTED_VALUES));
    lastMs = ms;
    lastHead = `${base32(BigInt(ms), TIME_CHARACTERS)}${base32(lastRandom, RANDOM_CHARACTERS - COUNTED_CHARACTERS)}`;
  }
  return `${kind}_${lastHead}${countedText(counted)}`;
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
export type IdKind = 'key' | 'sec' | 'acc' | 'usr' | 'prod' | 'inv' | 'ses' | 'imp' | 'rev' | 'whk' | 'msg';

function base32(value: bigint, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest >>= 5n) text = ALPHABET.charAt(Number(rest & 31n)) + text;
  return text;
}

function countedText(value: number): string {
  let text = '';
  for (let rest = value; text.length < COUNTED_CHARACTERS; rest >>>= 5) text = ALPHABET.charAt(rest & 31) + text;
  return text;
}
