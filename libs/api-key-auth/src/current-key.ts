import type { KeyGrant } from './key-grant.js';

const grants = new WeakMap<object, KeyGrant>();

/** Notes the key that a request was let in with, also as `request.user`, where users of Passport look for it. */
export function letIn(request: object, grant: KeyGrant): void {
  grants.set(request, grant);
  Object.assign(request, { user: grant });
}

/**
 * The key that the guard let this request in with.
 * @throws Error when it has let in none: the route is public or not guarded
 */
export function keyOf(request: object): KeyGrant {
  const grant = grants.get(request);
  if (grant === undefined) throw new Error('ApiKeyGuard let no key into this route: it is public, or not guarded');
  return grant;
}
