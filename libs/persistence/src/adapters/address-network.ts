import ipaddr from 'ipaddr.js';

/** Leading parts of 16 bits, of the eight an IPv6 address has, that one subscriber is given (RFC 6177). */
const SUBSCRIBER_PARTS = 4;

/** Some proxies write the client's port too, which would make an address of its own of every connection. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]+)\]):\d+$/;

/**
 * What is counted as one address: an IPv4 address, or the /64 network of an IPv6 address, within which anybody
 * can take a new address for every attempt. What is no address counts as itself.
 */
export function networkOf(client: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(client) ?? [];
  const address = ipv4 ?? ipv6 ?? client;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const parts = (parsed as ipaddr.IPv6).parts.slice(0, SUBSCRIBER_PARTS);
  return `${parts.map((part) => part.toString(16)).join(':')}::/64`;
}
