import { randomBytes as secureRandomBytes } from 'node:crypto';
import { BODY_CODECS, checksum } from './body.js';
import { BODY_ENCODINGS, type BodyEncoding, type KeyFormat, tokenHead } from './key-format.js';
import { type ParsedToken, TokenHeads } from './token-heads.js';

/** Longest text that can be a token, in characters. Minted ones have at most 99; imported ones may be longer. */
export const MAX_TOKEN_LENGTH = 512;

/** The characters of a bearer token (RFC 6750, section 2.1, `b64token`). */
const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** What decides whether a text can be a token of an account. */
export interface TokenRules {
  readonly formats: readonly KeyFormat[];
  /** Whether the account holds secrets of a former system, whose tokens follow none of the formats. */
  readonly holdsImported: boolean;
}

/**
 * Mints the text of a new token.
 * @param environment one of the format's own, or null for a format without environments
 */
export function mintToken(
  format: KeyFormat,
  environment: string | null,
  randomBytes: (size: number) => Uint8Array = secureRandomBytes,
): string {
  const unchecked = tokenHead(format, environment) + BODY_CODECS[format.encoding].random(randomBytes);
  return unchecked + checksum(unchecked, format.encoding);
}

/**
 * Reads a token of one of `formats`; null where none fits or the checksum is wrong. Never throws, and takes no longer for
 * many formats than for one that it has seen before.
 */
export function parseToken(text: string, formats: readonly KeyFormat[]): ParsedToken | null {
  const heads = TokenHeads.of(formats);
  for (const encoding of BODY_ENCODINGS) {
    const { length } = BODY_CODECS[encoding];
    const parsed = heads.find(encoding, text.slice(0, Math.max(0, text.length - length)));
    if (parsed !== null && isBody(text, text.length - length, encoding)) return parsed;
  }
  return null;
}

function isBody(text: string, start: number, encoding: BodyEncoding): boolean {
  const { alphabet, checksumLength } = BODY_CODECS[encoding];
  if (!alphabet.test(text.slice(start))) return false;
  const end = text.length - checksumLength;
  return text.slice(end) === checksum(text.slice(0, end), encoding);
}

/** Whether a text has the length and characters of a bearer token at all: all that can be judged without an account's rules. */
export function isPlausibleToken(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && BEARER_TOKEN.test(text);
}

/** Whether a text can be a token of the account with these rules. What fails here needs no look-up. */
export function isWellFormed(text: string, rules: TokenRules): boolean {
  if (!isPlausibleToken(text)) return false;
  return rules.holdsImported || parseToken(text, rules.formats) !== null;
}
