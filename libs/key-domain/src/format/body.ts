import { crc32 } from 'node:zlib';
import { encodeBase62, randomBase62 } from './base62.js';
import type { BodyEncoding } from './key-format.js';

interface BodyCodec {
  /** Characters of the whole body, checksum included. */
  readonly length: number;
  readonly checksumLength: number;
  /** Characters a body is made of. */
  readonly alphabet: RegExp;
  /** The secret part, of over 220 bits. */
  readonly random: (randomBytes: (size: number) => Uint8Array) => string;
  readonly writeChecksum: (value: number) => string;
}

/** The two body encodings: 38 base62 characters and 6 of checksum, or 56 hexadecimal ones and 8 of checksum. */
export const BODY_CODECS: Readonly<Record<BodyEncoding, BodyCodec>> = {
  base62: {
    length: 44,
    checksumLength: 6,
    alphabet: /^[0-9A-Za-z]+$/,
    random: (randomBytes) => randomBase62(38, randomBytes),
    writeChecksum: (value) => encodeBase62(value, 6),
  },
  hex64: {
    length: 64,
    checksumLength: 8,
    alphabet: /^[0-9a-f]+$/,
    random: (randomBytes) => Buffer.from(randomBytes(28)).toString('hex'),
    writeChecksum: (value) => value.toString(16).padStart(8, '0'),
  },
};

/**
 * CRC-32 (IEEE 802.3) over everything that stands before it, prefix included. It is unkeyed, so that a
 * secret scanner checks it offline; it finds typing errors and other systems' tokens, never forgery.
 */
export function checksum(text: string, encoding: BodyEncoding): string {
  return BODY_CODECS[encoding].writeChecksum(crc32(text));
}
