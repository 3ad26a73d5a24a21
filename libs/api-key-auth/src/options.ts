import type { CacheOptions } from './cache/cache-options.js';
import type { ErrorFormatName } from './refusal/error-body.js';
import type { RefusalTerms } from './refusal/refusal-terms.js';

/** A service key, or what reads one: asked at every call, so that a rotated key is taken up with no restart. */
export type ServiceKey = string | (() => string | Promise<string>);

/** How a guard judges requests, whoever verifies. */
export interface GuardOptions {
  /** In whose manner refusals are written, unless `@ErrorFormat` says otherwise; `problem` if absent. */
  readonly errorFormat?: ErrorFormatName;
  /** The environment that this service serves: keys of another are refused. Any if absent. */
  readonly environment?: string;
  /** CIDR ranges of the proxies in front of this service, whose `X-Forwarded-For` counts. None if absent. */
  readonly trustedProxies?: readonly string[];
  /**
   * How often an address is answered that its token is absent or not good. Nothing is counted if absent: where the proxies in front
   * of a service are not in `trustedProxies`, all of its clients have one address.
   */
  readonly refusalsPerAddress?: RefusalTerms | false;
}

/** Where the verifier is and how it is asked. */
export interface VerifierOptions {
  /** `http://` or `https://` URLs, several in a list or separated by commas: questions are spread over them. */
  readonly verifierUrl: string | readonly string[];
  /** Presented to the verifier; needs the scope `mintmark:tokens:verify`. */
  readonly serviceKey: ServiceKey | undefined;
  /** Lets the service key travel in plain text to an address that is not loopback. False if absent. */
  readonly allowInsecure?: boolean;
  /** Milliseconds that a question may take, further attempts included; 2,000 if absent. */
  readonly deadlineMs?: number;
  /** What is kept of the verifier's answers; `false`: nothing, every request asks. */
  readonly cache?: CacheOptions | false;
}

export const GUARD_OPTIONS = Symbol('GuardOptions');
