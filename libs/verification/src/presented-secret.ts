import { isPlausibleToken, type PepperedDigest, type PepperRing, tokenSha256 } from '#libs/key-domain';
import type { Credential } from './token-question.js';

/** A credential made ready for the look-up. */
export interface PresentedSecret {
  /** What was presented; null where only its SHA-256 is known. */
  readonly token: string | null;
  /** Under which it may be stored, the current pepper's first; null: it can be no token at all and is not looked up. */
  readonly digests: readonly PepperedDigest[] | null;
}

export function presentedSecret(credential: Credential, peppers: PepperRing): PresentedSecret {
  if ('sha256' in credential) return { token: null, digests: peppers.digests(credential.sha256) };
  const { token } = credential;
  return { token, digests: isPlausibleToken(token) ? peppers.digests(tokenSha256(token)) : null };
}
