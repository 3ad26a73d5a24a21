/** The scopes that govern Mintmark itself: granted by name, never by a wildcard. */
export const MINTMARK_SCOPES = [
  'mintmark:keys:read',
  'mintmark:keys:write',
  'mintmark:account:read',
  'mintmark:account:write',
  'mintmark:audit:read',
  'mintmark:tokens:verify',
] as const;
export type MintmarkScope = (typeof MINTMARK_SCOPES)[number];

const RESERVED = 'mintmark:';
const SCOPE = /^(\*|[A-Za-z0-9_.-]+:(\*|[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)*))$/;

/** Longest name of a scope, in characters. */
export const MAX_SCOPE_LENGTH = 128;

export function isMintmarkScope(scope: string): scope is MintmarkScope {
  return (MINTMARK_SCOPES as readonly string[]).includes(scope);
}

/**
 * Whether a key may hold this scope: `resource:action`, `resource:*`, `*`, or one of {@link MINTMARK_SCOPES}. Those
 * are reserved in any case: who reads `Mintmark:keys:write` on a key must not have to know that it gives nothing.
 */
export function isScope(text: string): boolean {
  if (text.length > MAX_SCOPE_LENGTH || !SCOPE.test(text)) return false;
  return !text.toLowerCase().startsWith(RESERVED) || isMintmarkScope(text);
}

/** Whether holding `granted` gives `required`. No wildcard reaches a scope of Mintmark's own: `*` on a customer's key must not mint keys. */
export function scopeGrants(granted: string, required: string): boolean {
  if (granted === required) return true;
  if (required.startsWith(RESERVED)) return false;
  if (granted === '*') return true;
  return granted.endsWith(':*') && required.startsWith(granted.slice(0, -1));
}

/** Every scope that gives `required`: itself, and the wildcards that reach it. */
export function grantingScopes(required: string): string[] {
  const wildcards = ['*', `${required.slice(0, required.indexOf(':') + 1)}*`];
  return [...new Set([required, ...wildcards.filter((wildcard) => scopeGrants(wildcard, required))])];
}

/** The required scopes that none of the granted ones gives, in the order required. */
export function missingScopes(granted: readonly string[], required: readonly string[]): string[] {
  return required.filter((scope) => !granted.some((held) => scopeGrants(held, scope)));
}
