import { bindingLimit, type LimitsLeft } from '#libs/key-domain';

/**
 * What a caller is told of its key's limits, in Garmint's manner: of several rate limits the one that stops it first, so that
 * `X-RateLimit-Remaining` more requests are let in now, whatever their windows.
 */
export function limitHeaders({ rateLimits, quota }: LimitsLeft): Readonly<Record<string, string>> {
  const binding = bindingLimit(rateLimits);
  return {
    ...(binding !== null && {
      'X-RateLimit-Limit': String(binding.limit),
      'X-RateLimit-Remaining': String(binding.remaining),
      'X-RateLimit-Reset': String(Math.ceil(binding.resetsAt / 1000)),
    }),
    ...(quota !== null && { 'X-Tokens-Remaining': String(quota.remaining) }),
  };
}
