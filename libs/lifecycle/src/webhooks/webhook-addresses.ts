import ipaddr from 'ipaddr.js';
import { addressInRanges } from '#libs/key-domain';

/** All that is assigned to the Internet at large so far (RFC 4291, section 2.4; IANA's registry of IPv6 address space). */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Azure's own services on every machine there, as a public address. */
const AZURE_HOST = '168.63.129.16';

/**
 * Where webhooks may be sent. Whoever may add one chooses an address that a process of the installation calls: without this they
 * could reach what only that process can, e.g. a cloud's metadata service or a database.
 */
export class WebhookAddresses {
  readonly #allowed: readonly string[];

  /** @param allowed ranges that may be reached though they are not public */
  constructor(allowed: readonly string[]) {
    this.#allowed = Object.freeze([...allowed]);
  }

  /** Whether a request may go to this IP address, as a resolver or a URL writes it. What is no address is not permitted. */
  permits(address: string): boolean {
    return isPublic(address) || addressInRanges(address, this.#allowed);
  }

  /**
   * Whether a host, as a URL has it, may be called as far as its name tells: an address that may not be reached is told at once,
   * a name only when it is resolved.
   */
  mayPermit(host: string): boolean {
    const address = host.replace(/^\[(.*)\]$/, '$1');
    return !ipaddr.isValid(address) || this.permits(address);
  }
}

/** Addresses that carry another one inside, as those of NAT64 (RFC 6052) do, are not public: they could carry any. */
function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text) || text.includes('%')) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast' || address.toString() === AZURE_HOST) return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_IPV6);
}
