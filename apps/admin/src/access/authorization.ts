import { type MintmarkScope, ROLES, type Role } from '#libs/key-domain';
import type { Principal } from '#libs/lifecycle';

interface Rule {
  readonly roles: readonly Role[];
  readonly scope: MintmarkScope;
  /** Whether something of the account is changed by it, which nothing of a suspended account may be. */
  readonly changes: boolean;
}

/** Who may do what: the roles of people, and the scope of management keys. The only place where this is written. */
export const PERMISSIONS = {
  'keys:read': { roles: ROLES, scope: 'mintmark:keys:read', changes: false },
  'keys:write': { roles: ['owner', 'admin', 'developer'], scope: 'mintmark:keys:write', changes: true },
  'account:read': { roles: ROLES, scope: 'mintmark:account:read', changes: false },
  'account:write': { roles: ['owner', 'admin'], scope: 'mintmark:account:write', changes: true },
  /** Their addresses often hold a secret of the receiver's, and deliveries what it answered. */
  'webhooks:read': { roles: ['owner', 'admin'], scope: 'mintmark:account:read', changes: false },
  'audit:read': { roles: ['owner', 'admin'], scope: 'mintmark:audit:read', changes: false },
} as const satisfies Readonly<Record<string, Rule>>;

export type Permission = keyof typeof PERMISSIONS;

export function isPermitted(principal: Principal, permission: Permission): boolean {
  const { roles, scope }: Rule = PERMISSIONS[permission];
  return principal.kind === 'person' ? roles.includes(principal.membership.role) : principal.scopes.includes(scope);
}

/** Whether somebody who is permitted must wait for their account's resumption all the same; its keys fail by themselves. */
export function isHeldBack(principal: Principal, permission: Permission): boolean {
  return principal.kind === 'person' && principal.membership.accountSuspended && PERMISSIONS[permission].changes;
}
