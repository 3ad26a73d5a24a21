import { randomBytes } from 'node:crypto';
import { type PepperRing, tokenSha256 } from '#libs/key-domain';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A token that says nothing by itself, and the digest that alone is stored. */
export interface OpaqueToken {
  readonly token: string;
  readonly digest: Uint8Array;
}

/** Stored as keys' tokens are: as a peppered digest. */
export function mintOpaqueToken(peppers: PepperRing): OpaqueToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, digest: peppers.digest(tokenSha256(token)).digest };
}

/** Under which a token may be stored; none: it can be no such token. */
export function digestsOf(token: string, peppers: PepperRing): readonly Uint8Array[] {
  return TOKEN.test(token) ? peppers.digests(tokenSha256(token)).map(({ digest }) => digest) : [];
}
