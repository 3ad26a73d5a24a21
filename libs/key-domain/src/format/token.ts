import { randomBytes as secureRandomBytes } from 'node:crypto';
import { BODY_CODECS, checksum } from './body.js';
import { type KeyFormat, tokenHead } from './key-format.js';

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

/** What a token tells about itself. */
export interface ParsedToken {
  readonly format: KeyFormat;
  readonly environment: string | null;
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

/** Reads a token of one of `formats`; null where none fits or the checksum is wrong. Never throws. */
export function parseToken(text: string, formats: readonly KeyFormat[]): ParsedToken | null {
  for (const format of formats) {
    for (const environment of format.environments.length === 0 ? [null] : format.environments) {
      if (fits(text, format, environment)) return { format, environment };
    }
  }
  return null;
}

function fits(text: string, format: KeyFormat, environment: string | null): boolean {
  const head = tokenHead(format, environment);
  const codec = BODY_CODECS[format.encoding];
  if (text.length !== head.length + codec.length || !text.startsWith(head)) return false;
  if (!codec.alphabet.test(text.slice(head.length))) return false;
  const end = text.length - codec.checksumLength;
  return text.slice(end) === checksum(text.slice(0, end), format.encoding);
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
