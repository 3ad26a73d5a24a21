import type { InputFault, Key, MintmarkScope, Quota, RateLimit, Refill } from '#libs/key-domain';

/** What is asked for to bound the use of a key. Every number is within the bounds of its kind already. */
export interface LimitsRequest {
  readonly rateLimits?: readonly RateLimit[] | undefined;
  /** Null: no quota. */
  readonly quota?: QuotaRequest | null | undefined;
}

export interface QuotaRequest {
  readonly remaining: number;
  /** Absent or null: nothing is ever added. */
  readonly refill?: Refill | null | undefined;
}

type Limits = Pick<Key, 'rateLimits' | 'quota'>;

/** Names each rate limit that has the name of one before it. */
export function readRateLimits(rateLimits: readonly RateLimit[], faults: InputFault[]): readonly RateLimit[] {
  const names = rateLimits.map(({ name }) => name);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) faults.push({ path: `rateLimits.${index}.name`, message: SAME_NAME });
  });
  return rateLimits.map(({ name, limit, windowSeconds }) => ({ name, limit, windowSeconds }));
}

export function readQuota(quota: QuotaRequest | null): Quota | null {
  if (quota === null) return null;
  const { remaining, refill } = quota;
  return { remaining, refill: refill ? { amount: refill.amount, interval: refill.interval } : null };
}

/**
 * Refuses limits of a key by which services ask about tokens: once it were used up, nobody's token would be accepted there.
 * @param request what is asked for, the scopes too: the fault stands where it comes from
 * @param key as it would be
 */
export function refuseServiceLimits(
  request: LimitsRequest & { readonly scopes?: readonly string[] | undefined },
  key: Limits & Pick<Key, 'scopes'>,
  faults: InputFault[],
): void {
  if (!key.scopes.includes(VERIFIES)) return;
  const limits = [...(key.rateLimits.length > 0 ? (['rateLimits'] as const) : []), ...(key.quota ? (['quota'] as const) : [])];
  const asked = limits.filter((field) => request[field] !== undefined);
  const scope = request.scopes?.indexOf(VERIFIES) ?? -1;
  if (asked.length > 0) faults.push(...asked.map((path) => ({ path, message: NO_SERVICE_LIMITS })));
  else if (limits.length > 0 && scope >= 0) faults.push({ path: `scopes.${scope}`, message: NO_SERVICE_LIMITS });
}

const VERIFIES: MintmarkScope = 'mintmark:tokens:verify';
const SAME_NAME = 'Another rate limit of the key has this name.';
const NO_SERVICE_LIMITS = `A key with ${VERIFIES} takes no limits: services would stop once they are reached.`;
