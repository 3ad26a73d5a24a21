import ipaddr from 'ipaddr.js';

/** Leading parts of 16 bits, of the eight an IPv6 address has, that one subscriber is given at least, and a site at most (RFC 6177). */
const SUBSCRIBER_PARTS = 4;
const SITE_PARTS = 3;

/** Leading bytes of an IPv4 address that stand for its neighbourhood: the smallest network that is routed by itself. */
const ROUTED_BYTES = 3;

/** Some proxies write the client's port too, which would make an address of its own of every connection. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]+)\]):\d+$/;

/**
 * What is counted as one address: an IPv4 address, or the /64 network of an IPv6 address, within which anybody
 * can take a new address for every attempt. What is no address counts as itself.
 */
export function networkOf(client: string): string {
  const parsed = parse(client);
  if (typeof parsed === 'string') return parsed;
  return parsed instanceof ipaddr.IPv4 ? parsed.toString() : prefixOf(parsed, SUBSCRIBER_PARTS);
}

/**
 * All that one party may well have addresses of: the /24 network of an IPv4 address, or the /48 of an IPv6 one, which is given
 * to whoever asks for it. What is no address counts as itself.
 */
export function neighbourhoodOf(client: string): string {
  const parsed = parse(client);
  if (typeof parsed === 'string') return parsed;
  return parsed instanceof ipaddr.IPv4 ? `${parsed.octets.slice(0, ROUTED_BYTES).join('.')}.0/24` : prefixOf(parsed, SITE_PARTS);
}

/** The text itself, without a port, where it is no address. */
function parse(client: string): ipaddr.IPv4 | ipaddr.IPv6 | string {
  const [, ipv4, ipv6] = WITH_PORT.exec(client) ?? [];
  const address = ipv4 ?? ipv6 ?? client;
  return ipaddr.isValid(address) ? ipaddr.process(address) : address;
}

function prefixOf({ parts }: ipaddr.IPv6, count: number): string {
  const leading = parts.slice(0, count).map((part) => part.toString(16));
  return `${leading.join(':')}::/${count * 16}`;
}
