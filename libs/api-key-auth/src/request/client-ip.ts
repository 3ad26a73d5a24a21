import { isIP } from 'node:net';
import { addressInRanges } from '#libs/key-domain';

/**
 * The client's address: the right-most of the chain that is no trusted proxy. Everything to its left was written
 * by the client, who may write what he likes. Where every one is trusted, the left-most; empty: unknown.
 * @param peer the address at the other end of the connection
 * @param forwardedFor `X-Forwarded-For`, each proxy having added its own peer at the right
 * @param trustedProxies CIDR ranges
 */
export function clientIp(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: readonly string[],
): string {
  if (trustedProxies.length === 0 || forwardedFor === undefined) return peer;
  let address = peer;
  for (const previous of String(forwardedFor).split(',').reverse()) {
    if (!addressInRanges(address, trustedProxies)) return address;
    if (previous.trim() === '') continue;
    address = readable(previous.trim());
  }
  return address;
}

/** An entry that is no address, or one of some proxy's own links, hides the client: unknown, so that a key with an address list refuses it. */
function readable(entry: string): string {
  return isIP(entry) === 0 || entry.includes('%') ? '' : entry;
}
