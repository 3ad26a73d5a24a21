import { ForbiddenError, MINTMARK_SCOPES, type MintmarkScope, type Role } from '#libs/key-domain';
import { hasLimits, type Principal } from '../principal.js';

/** Who may make somebody a …, and make them something else. Nobody raises anybody above themselves. */
const APPOINTED_BY: Readonly<Record<Role, readonly Role[]>> = {
  owner: ['owner'],
  admin: ['owner', 'admin'],
  developer: ['owner', 'admin'],
  viewer: ['owner', 'admin'],
};

/** What a person of a role can do or give to keys; a management key appoints to no role that can do more than itself. */
const AMOUNTS_TO: Readonly<Record<Role, readonly MintmarkScope[] | null>> = {
  owner: null,
  admin: MINTMARK_SCOPES,
  developer: ['mintmark:keys:read', 'mintmark:keys:write', 'mintmark:account:read'],
  viewer: ['mintmark:keys:read', 'mintmark:account:read'],
};

export function mayAppoint(principal: Principal, role: Role): boolean {
  if (principal.kind === 'person') return APPOINTED_BY[role].includes(principal.membership.role);
  const scopes = AMOUNTS_TO[role];
  return scopes?.every((scope) => principal.scopes.includes(scope)) ?? false;
}

/** @throws ForbiddenError unless the principal may make somebody that, and unmake them */
export function assertMayAppoint(principal: Principal, role: Role): void {
  if (!mayAppoint(principal, role)) throw new ForbiddenError(`You may not make or unmake ${NOUNS[role]}.`);
}

/**
 * Whoever is brought in, or raised, has no limits: a management key that has an end, or ranges of its own, would get around them
 * through a person.
 * @throws ForbiddenError unless the principal may make somebody that, and has no limits
 */
export function assertMayBringIn(principal: Principal, role: Role): void {
  assertMayAppoint(principal, role);
  if (hasLimits(principal)) throw new ForbiddenError('A key that has an end, or is bound to addresses, gives nobody a role.');
}

const NOUNS: Readonly<Record<Role, string>> = {
  owner: 'an owner',
  admin: 'an admin',
  developer: 'a developer',
  viewer: 'a viewer',
};
