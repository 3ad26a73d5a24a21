import { isPlausibleToken, TOKEN_SHA256_BYTES, tokenSha256 } from '#libs/key-domain';
import type { Credential } from './token-question.js';

/** A credential made ready to be recognized. */
export interface PresentedSecret {
  /** What was presented; null where only its SHA-256 is known. */
  readonly token: string | null;
  /** Null: it can be no token at all and is not looked up. */
  readonly sha256: Uint8Array | null;
  /** The SHA-256's bytes as a Latin-1 text, under which memory knows it; empty where there is none. */
  readonly name: string;
}

export function presentedSecret(credential: Credential): PresentedSecret {
  if ('sha256' in credential) return presented(null, credential.sha256);
  const { token } = credential;
  return isPlausibleToken(token) ? presented(token, tokenSha256(token)) : { token, sha256: null, name: '' };
}

function presented(token: string | null, sha256: Uint8Array): PresentedSecret {
  const bytes = Buffer.isBuffer(sha256) ? sha256 : Buffer.from(sha256.buffer, sha256.byteOffset, sha256.byteLength);
  return { token, sha256, name: bytes.toString('latin1', 0, TOKEN_SHA256_BYTES) };
}
