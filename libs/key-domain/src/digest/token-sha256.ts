import { createHash } from 'node:crypto';

/** Bytes of a token's SHA-256. */
export const TOKEN_SHA256_BYTES = 32;

/** SHA-256 of the token's UTF-8 bytes (FIPS 180-4): what leaves the service that received the token. */
export function tokenSha256(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
