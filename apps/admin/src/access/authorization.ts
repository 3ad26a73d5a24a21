import { type MintmarkScope, ROLES, type Role } from '#libs/key-domain';
import type { Principal } from '#libs/lifecycle';

interface Rule {
  readonly roles: readonly Role[];
  readonly scope: MintmarkScope;
}

/** Who may do what: the roles of people, and the scope of management keys. The only place where this is written. */
export const PERMISSIONS = {
  'keys:read': { roles: ROLES, scope: 'mintmark:keys:read' },
  'keys:write': { roles: ['owner', 'admin', 'developer'], scope: 'mintmark:keys:write' },
  'account:read': { roles: ROLES, scope: 'mintmark:account:read' },
  'account:write': { roles: ['owner', 'admin'], scope: 'mintmark:account:write' },
  'audit:read': { roles: ['owner', 'admin'], scope: 'mintmark:audit:read' },
} as const satisfies Readonly<Record<string, Rule>>;

export type Permission = keyof typeof PERMISSIONS;

export function isPermitted(principal: Principal, permission: Permission): boolean {
  const { roles, scope }: Rule = PERMISSIONS[permission];
  return principal.kind === 'person' ? roles.includes(principal.membership.role) : principal.scopes.includes(scope);
}
