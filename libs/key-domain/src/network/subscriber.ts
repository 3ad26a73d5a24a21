import { parseAddress } from './cidr.js';

const MAPPED = '00000000000000000000ffff';
/** Hexadecimal digits of a /64. */
const NETWORK_DIGITS = 16;

/**
 * Whom an address stands for where its holders are counted: an IPv4 address for itself, an IPv6 one for its /64, of which
 * every subscriber has one at least (RFC 6177) and any address at will. The same text for the same subscriber; null: the text is
 * no address.
 */
export function subscriberOf(address: string): string | null {
  const zone = address.indexOf('%');
  const bytes = parseAddress(zone === -1 ? address : address.slice(0, zone));
  if (bytes === null) return null;
  const digits = Buffer.from(bytes).toString('hex');
  return digits.startsWith(MAPPED) ? digits.slice(MAPPED.length) : digits.slice(0, NETWORK_DIGITS);
}
