import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '#libs/lifecycle';

const principals = new WeakMap<Request, Principal>();
const admissions = new WeakMap<Request, () => Promise<Principal>>();

/** Notes who is asking. */
export function rememberPrincipal(request: Request, principal: Principal): void {
  principals.set(request, principal);
}

/** Notes how the request was admitted, so that it can be decided anew. */
export function rememberAdmission(request: Request, admit: () => Promise<Principal>): void {
  admissions.set(request, admit);
}

/**
 * Decides anew about a request that goes on for long, by what its caller is allowed by now, and returns who that is.
 * @throws whatever a request that came now would be refused with
 */
export function admitAgain(request: Request): Promise<Principal> {
  const admit = admissions.get(request);
  if (admit === undefined) throw new Error('a public route asks for a principal');
  return admit();
}

/** Null: nobody is known to ask. */
export function principalOf(request: Request): Principal | null {
  return principals.get(request) ?? null;
}

/** Who is asking, on a route that is not public. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = principals.get(context.switchToHttp().getRequest<Request>());
  if (principal === undefined) throw new Error('a public route asks for a principal');
  return principal;
});
