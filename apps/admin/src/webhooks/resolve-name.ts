import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface NameServers {
  /** `address` or `address:port`; those of the system if absent. */
  readonly servers?: readonly string[];
  /** Milliseconds that the first answer of each is waited for; the second time it is longer. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;
const TRIES = 2;

/**
 * Resolves names of webhooks, which anybody chose, at the name servers themselves: the system's own look-ups share a few threads
 * with all other work of the process, and a name server that never answers would hold those. A name without a dot is one of the
 * network that Mintmark is in (its hosts file, its search domain): nobody outside answers for it, and the system knows it.
 * @throws an error with the `code` of `node:dns`
 */
export function resolveName({ servers, timeoutMs = TIMEOUT_MS }: NameServers = {}): Resolve {
  return async (hostname) => {
    if (!hostname.includes('.')) return lookup(hostname, { all: true, order: 'verbatim' });
    const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES });
    if (servers !== undefined) resolver.setServers([...servers]);
    const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
    return [...addressesOf(four, 4), ...addressesOf(six, 6)];
  };
}

function addressesOf(found: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return found.status === 'fulfilled' ? found.value.map((address) => ({ address, family })) : [];
}
