import type { KeyGrant } from './key-grant.js';

/** Where a request holds the key it was let in with: nothing else has this name, while `request.user` is anybody's to set. */
const KEY = Symbol('the key that ApiKeyGuard let in');

interface LetIn {
  [KEY]?: KeyGrant;
  user?: KeyGrant;
}

/** Notes the key that a request was let in with, also as `request.user`, where users of Passport look for it. */
export function letIn(request: object, grant: KeyGrant): void {
  const holder: LetIn = request;
  holder[KEY] = grant;
  holder.user = grant;
}

/**
 * The key that the guard let this request in with.
 * @throws Error when it has let in none: the route is public or not guarded
 */
export function keyOf(request: object): KeyGrant {
  const { [KEY]: grant } = request as LetIn;
  if (grant === undefined) throw new Error('ApiKeyGuard let no key into this route: it is public, or not guarded');
  return grant;
}
