const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The largest multiple of 62 a byte can hold: bytes from here on would favour the first characters. */
const UNBIASED_BELOW = 248;

/** Writes an unsigned 32-bit integer in base62 (`0-9A-Za-z`), left-padded with `0` to `width` characters. */
export function encodeBase62(value: number, width: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) {
    text = ALPHABET.charAt(rest % 62) + text;
  }
  return text.padStart(width, '0');
}

/**
 * `length` characters of base62, each equally likely.
 * @param randomBytes a cryptographically secure source of that many bytes
 */
export function randomBase62(length: number, randomBytes: (size: number) => Uint8Array): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < UNBIASED_BELOW) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
