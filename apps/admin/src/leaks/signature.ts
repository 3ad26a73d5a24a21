import { type KeyObject, verify } from 'node:crypto';

/** ECDSA on P-256 with SHA-256 over the bytes as they came (FIPS 186-5); the signature is DER in base64. */
export function isSigned(body: Uint8Array, signature: string, key: KeyObject): boolean {
  return verify('sha256', body, key, Buffer.from(signature, 'base64'));
}
