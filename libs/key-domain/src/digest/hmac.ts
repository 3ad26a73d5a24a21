import { hash } from 'node:crypto';

/** Bytes that SHA-256 takes at a time. */
const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;

/**
 * HMAC-SHA-256 (RFC 2104) of short messages under one key: what follows from the key is made once, and each message takes
 * two one-shot hashes. Every look-up needs one, and Node's own makes an object with a stream's inside for each.
 */
export class Hmac {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  constructor(key: Uint8Array) {
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set(key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key);
    this.#inner = block.map((byte) => byte ^ INNER) as Buffer;
    this.#outer = block.map((byte) => byte ^ OUTER) as Buffer;
  }

  of(message: Uint8Array): Buffer {
    const digest = hash('sha256', Buffer.concat([this.#inner, message]), 'buffer');
    return hash('sha256', Buffer.concat([this.#outer, digest]), 'buffer');
  }
}
