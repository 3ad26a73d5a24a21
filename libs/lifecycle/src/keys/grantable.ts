import {
  ForbiddenError,
  isMintmarkScope,
  type Key,
  MINTMARK_SCOPES,
  type MintmarkScope,
  type Policy,
  rangesInRanges,
  type Role,
} from '#libs/key-domain';
import { isAllowed } from '../policy/policy-faults.js';
import type { Principal } from '../principal.js';
import { grantorOf } from './terms.js';

/**
 * Which of Mintmark's own scopes somebody may put on a key. Without this bound, whoever may mint keys could mint
 * one that may do more than its maker.
 */
export function grantableMintmarkScopes(principal: Principal): readonly MintmarkScope[] {
  if (principal.kind === 'key') return principal.scopes.filter(isMintmarkScope);
  return GRANTS_ALL.includes(principal.membership.role) ? MINTMARK_SCOPES : [];
}

const GRANTS_ALL: readonly Role[] = ['owner', 'admin'];

/** @throws ForbiddenError naming the scopes that are not the principal's to grant */
export function assertMayGrant(principal: Principal, scopes: readonly string[]): void {
  const grantable: readonly string[] = grantableMintmarkScopes(principal);
  const refused = scopes.filter((scope) => isMintmarkScope(scope) && !grantable.includes(scope));
  if (refused.length > 0) throw new ForbiddenError(`You may not grant ${refused.join(', ')}.`);
}

/**
 * Whether somebody could have made a key with these scopes: only then do they get a token of it, or take away what the record
 * says of it.
 * @throws ForbiddenError naming the scopes that are not the principal's to grant, or that the policy keeps from them
 */
export function assertMayMake(policy: Policy, principal: Principal, scopes: readonly string[]): void {
  assertMayGrant(principal, scopes);
  const kept = scopes.filter((scope) => !isAllowed(policy, grantorOf(principal), scope));
  if (kept.length > 0) throw new ForbiddenError(`The policy does not allow you keys with ${kept.join(', ')}.`);
}

/**
 * Refuses to let a key go on for longer, be accepted from more addresses or reach more products than before, unless the
 * principal could have made it: that is as much as to make it anew.
 * @param changed as it would be
 * @throws ForbiddenError
 */
export function assertMayLift(policy: Policy, principal: Principal, former: Key, changed: Key): void {
  if (endsLater(former, changed) || reachesFurther(former, changed)) assertMayMake(policy, principal, changed.scopes);
}

function endsLater({ expiresAt: former }: Key, { expiresAt: changed }: Key): boolean {
  return former !== null && (changed === null || changed > former);
}

function reachesFurther(former: Key, { allowedCidrs, products }: Key): boolean {
  const { allowedCidrs: ranges, products: reached } = former;
  const fromMore = ranges.length > 0 && (allowedCidrs.length === 0 || !rangesInRanges(allowedCidrs, ranges));
  const toMore = reached !== 'all' && (products === 'all' || products.some((product) => !reached.includes(product)));
  return fromMore || toMore;
}

/**
 * Refuses a management key to make, change or take over one that outlives it, or that is accepted from where it is not itself:
 * whoever has it for a while, or in one place, would have it for good and everywhere. Keys of customers, which hold none of
 * Mintmark's own scopes, are as their maker says.
 * @param key as it would be
 * @throws ForbiddenError
 */
export function assertWithinOwnLimits(
  principal: Principal,
  { scopes, expiresAt, allowedCidrs }: Pick<Key, 'scopes' | 'expiresAt' | 'allowedCidrs'>,
): void {
  if (principal.kind === 'person' || !scopes.some(isMintmarkScope)) return;
  const { expiresAt: end, allowedCidrs: ranges } = principal;
  if (end !== null && (expiresAt === null || expiresAt > end))
    throw new ForbiddenError(`A key with scopes of Mintmark would outlive yours, which ends at ${end.toISOString()}.`);
  if (ranges.length > 0 && (allowedCidrs.length === 0 || !rangesInRanges(allowedCidrs, ranges)))
    throw new ForbiddenError('A key with scopes of Mintmark would be accepted from addresses from which yours is not.');
}
