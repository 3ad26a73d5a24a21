import { type KeyFormat, mintToken, newId, type NewKey, type PepperRing, tokenSha256 } from '#libs/key-domain';

/** A token that exists nowhere else, and what is stored of it. */
export interface MintedSecret {
  /** Shown once to whoever asked for it; kept nowhere. */
  readonly token: string;
  readonly secret: NewKey['secret'];
}

const SHOWN_CHARACTERS = 4;

/** Mints the token of a new secret and digests it. */
export function mintSecret(format: KeyFormat, environment: string | null, peppers: PepperRing): MintedSecret {
  const token = mintToken(format, environment);
  const digest = peppers.digest(tokenSha256(token));
  return { token, secret: { id: newId('sec'), lastFour: token.slice(-SHOWN_CHARACTERS), digest } };
}
