import { hash } from 'node:crypto';
import { isPlausibleToken, TOKEN_SHA256_BYTES } from '#libs/key-domain';
import type { Credential } from './token-question.js';

/** A credential made ready to be recognized. */
export interface PresentedSecret {
  /** What was presented; null where only its SHA-256 is known. */
  readonly token: string | null;
  /** The SHA-256's bytes as a Latin-1 text, under which memory knows it; empty: it can be no token at all and is not looked up. */
  readonly name: string;
}

export function presentedSecret(credential: Credential): PresentedSecret {
  if ('token' in credential) return { token: credential.token, name: nameOfToken(credential.token) };
  const { sha256 } = credential;
  const bytes = Buffer.isBuffer(sha256) ? sha256 : Buffer.from(sha256.buffer, sha256.byteOffset, sha256.byteLength);
  return { token: null, name: bytes.toString('latin1', 0, TOKEN_SHA256_BYTES) };
}

/** The SHA-256 of what may be a token. */
export function sha256Of({ name }: PresentedSecret): Buffer {
  return Buffer.from(name, 'latin1');
}

/** The one-shot hash: several times as fast as a Hash object, and every call needs it for its service key. */
function nameOfToken(token: string): string {
  return isPlausibleToken(token) ? hash('sha256', token, 'binary') : '';
}
