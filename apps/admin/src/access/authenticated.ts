import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '#libs/lifecycle';

const principals = new WeakMap<Request, Principal>();

/** Notes who is asking. */
export function rememberPrincipal(request: Request, principal: Principal): void {
  principals.set(request, principal);
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
