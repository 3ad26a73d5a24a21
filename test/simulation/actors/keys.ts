import { type PepperedDigest, tokenSha256 } from '#libs/key-domain';
import { PEPPERS } from './verifier.js';

/** A key and its one token, whether or not it has been created yet. */
export interface SimKey {
  readonly keyId: string;
  readonly accountId: string;
  readonly token: string;
  readonly sha256: Buffer;
  readonly digest: PepperedDigest;
}

const made = new Map<string, SimKey>();

export function simKey(keyId: string, accountId: string): SimKey {
  const known = made.get(`${keyId} ${accountId}`);
  if (known !== undefined) return known;
  const token = `token-of-${keyId}`;
  const sha256 = tokenSha256(token);
  const key = { keyId, accountId, token, sha256, digest: PEPPERS.digest(sha256) };
  made.set(`${keyId} ${accountId}`, key);
  return key;
}
