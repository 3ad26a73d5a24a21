import { hash } from 'node:crypto';

/** Half a SHA-256: two of a billion digests share it with a chance of one in 10^20, and then one more look-up is made. */
const HANDLE_BYTES = 16;
const PURPOSE = Buffer.from('mintmark look-up handle');

/**
 * A blinded name of a stored digest: the change log tells by it what has come into being, without telling the
 * digest itself to whoever can read the log.
 */
export function lookupHandle(digest: Uint8Array): string {
  return hash('sha256', Buffer.concat([PURPOSE, digest]), 'buffer').toString('base64url', 0, HANDLE_BYTES);
}
