import type { LimitsLeft } from '#libs/key-domain';
import type { KeyGrant } from './key-grant.js';

/** Where a request holds the key it was let in with: nothing else has this name, while `request.user` is anybody's to set. */
const KEY = Symbol('the key that ApiKeyGuard let in');

/** Where it holds what is left of that key's limits. Unset for keys without, so that to let them in costs nothing. */
const LEFT = Symbol('what is left of its limits');

interface LetIn {
  [KEY]?: KeyGrant;
  [LEFT]?: LimitsLeft;
  user?: KeyGrant;
}

/** Notes the key that a request was let in with, also as `request.user`, where users of Passport look for it. */
export function letIn(request: object, grant: KeyGrant, left: LimitsLeft | null = null): void {
  const holder: LetIn = request;
  holder[KEY] = grant;
  holder.user = grant;
  if (left !== null) holder[LEFT] = left;
}

/** Whether the guard has let this request in before. */
export function isLetIn(request: object): boolean {
  return (request as LetIn)[KEY] !== undefined;
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

/**
 * What is left of that key's limits after this request; null: it has none.
 * @throws Error as `keyOf`
 */
export function limitsOf(request: object): LimitsLeft | null {
  keyOf(request);
  return (request as LetIn)[LEFT] ?? null;
}
