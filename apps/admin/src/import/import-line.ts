import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { type InputFault, InvalidRequestError, isPlausibleToken, TOKEN_SHA256_BYTES, tokenSha256 } from '#libs/key-domain';
import type { ImportLine } from '#libs/lifecycle';
import { text } from '../http/text.js';
import { time } from '../http/time.js';
import { issueKeyBody } from '../keys/key-requests.js';

const DIGESTS: readonly (readonly [RegExp, BufferEncoding])[] = [
  [/^[0-9a-f]{64}$/i, 'hex'],
  [/^[A-Za-z0-9_-]{43}=?$/, 'base64url'],
  [/^[A-Za-z0-9+/]{43}=?$/, 'base64'],
];
const SHOWN_CHARACTERS = 4;
const DEFAULT_NAME = 'Imported key';

/** A line of `POST /keys/import`. */
export const importLine = z
  .strictObject({
    ...issueKeyBody.shape,
    name: issueKeyBody.shape.name.default(DEFAULT_NAME),
    token: z.string().refine(isPlausibleToken, { error: 'Up to 512 characters of a bearer token (RFC 6750).' }).optional(),
    sha256: z.string().optional().describe('SHA-256 of the token in hexadecimal, base64 or base64url, in place of the token.'),
    environment: text(1, 16).nullable().optional().describe('Any; null: none; the first of its format if absent.'),
    expiresAt: issueKeyBody.shape.expiresAt.unwrap().nullable().optional(),
    lineKey: text(1, 255).optional().describe('Your own name of the line: sent again, it answers with the same key.'),
    enabled: z.boolean().optional(),
    createdAt: time.optional().describe('When the former system made the key.'),
  })
  .meta({ id: 'ImportLine' });

/**
 * Reads a line.
 * @throws InvalidRequestError with every fault, each with its path; none of them quotes the line
 */
export function readImportLine(bytes: Buffer | null): ImportLine {
  if (bytes === null) throw InvalidRequestError.at('', 'The line is longer than 64 KB.');
  const read = importLine.safeParse(jsonOf(bytes));
  if (!read.success) throw new InvalidRequestError(read.error.issues.flatMap(faultsOf));
  const { token, sha256, expiresAt, ...fields } = read.data;
  return { ...fields, expiresAt: expiresAt ?? undefined, ...secretOf(token, sha256) };
}

function jsonOf(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw InvalidRequestError.at('', 'The line must be UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw InvalidRequestError.at('', 'The line is not valid JSON.');
  }
}

function secretOf(token: string | undefined, sha256: string | undefined): Pick<ImportLine, 'sha256' | 'lastFour'> {
  if ((token === undefined) === (sha256 === undefined))
    throw InvalidRequestError.at('token', 'Send token or sha256, one of them.');
  if (token !== undefined) return { sha256: tokenSha256(token), lastFour: token.slice(-SHOWN_CHARACTERS) };
  return { sha256: digestOf(sha256 ?? ''), lastFour: null };
}

function digestOf(written: string): Buffer {
  for (const [form, encoding] of DIGESTS) {
    if (!form.test(written)) continue;
    const digest = Buffer.from(written, encoding);
    if (digest.length === TOKEN_SHA256_BYTES) return digest;
  }
  throw InvalidRequestError.at('sha256', '32 bytes in hexadecimal, base64 or base64url.');
}

function faultsOf(issue: z.core.$ZodIssue): InputFault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'Unknown field.' }));
}
