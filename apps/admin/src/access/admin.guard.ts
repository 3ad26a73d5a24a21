import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { ApiKeyException, ApiKeyGuard, keyOf } from '#libs/api-key-auth';
import { ForbiddenError, UnauthorizedError } from '#libs/key-domain';
import { KeyEnding, type Principal, Sessions } from '#libs/lifecycle';
import { HealthController, MetricsController } from '#libs/observability';
import { originOf } from '../http/request-origin.js';
import { type Access, ACCESS } from './access.decorators.js';
import { rememberAdmission, rememberPrincipal } from './authenticated.js';
import { isHeldBack, isPermitted } from './authorization.js';
import { OriginCheck } from './origin-check.js';
import { SessionCookie } from './session-cookie.js';

/** Routes of a library that knows nothing of our decorators; open to everybody. */
const OPEN: readonly unknown[] = [HealthController, MetricsController];

/** Garmint's own words: its clients may compare them. */
const NOBODY = 'Missing or invalid API key. Provide a valid key via Authorization header.';

/** Decides about every request. A route that does not say whom it is for is closed. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly origin: OriginCheck,
    private readonly cookie: SessionCookie,
    private readonly sessions: Sessions,
    private readonly keys: ApiKeyGuard,
    private readonly ending: KeyEnding,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (OPEN.includes(context.getClass())) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
    const cookie = this.cookie.read(request);
    if (access?.kind === 'public') {
      this.origin.assertOwn(request);
      return true;
    }
    const admit = async () => {
      const principal = await this.authenticate(context, request, cookie, access);
      rememberPrincipal(request, principal);
      if (cookie !== null) this.origin.assertOwn(request);
      assertFor(access, principal);
      return principal;
    };
    rememberAdmission(request, admit);
    await admit();
    return true;
  }

  /** A presented key counts before a cookie: whoever sends one means it, and learns that it is not valid. */
  private async authenticate(
    context: ExecutionContext,
    request: Request,
    cookie: string | null,
    access: Access | undefined,
  ): Promise<Principal> {
    if (request.headers.authorization !== undefined) {
      return access?.kind === 'key' && access.evenRevoked
        ? this.keyPrincipalEvenRevoked(context, request)
        : this.keyPrincipal(context, request);
    }
    const session = cookie === null ? null : await this.sessions.find(cookie);
    if (session === null) throw new UnauthorizedError(NOBODY);
    const { id: sessionId, membership } = session;
    return { kind: 'person', accountId: membership.accountId, membership, sessionId, origin: originOf(request) };
  }

  private async keyPrincipal(context: ExecutionContext, request: Request): Promise<Principal> {
    await this.keys.canActivate(context);
    const { accountId, keyId, secretId, scopes, expiresAt, allowedCidrs } = keyOf(request);
    return { kind: 'key', accountId, keyId, secretId, scopes, expiresAt, allowedCidrs, origin: originOf(request) };
  }

  /**
   * The key itself must be revoked: a token that was rotated away is refused while its key goes on. Or it is valid, and thieves have
   * left none of its rate limits to whoever would end it.
   */
  private async keyPrincipalEvenRevoked(context: ExecutionContext, request: Request): Promise<Principal> {
    try {
      return await this.keyPrincipal(context, request);
    } catch (error) {
      if (!(error instanceof ApiKeyException) || error.key === null) throw error;
      const refused = error.key;
      if (error.code !== 'rate_limited' && !(await this.ending.isRevoked(refused.accountId, refused.keyId))) throw error;
      const response = context.switchToHttp().getResponse<Response>();
      for (const header of ['www-authenticate', 'retry-after']) response.removeHeader(header);
      return { kind: 'key', ...refused, scopes: [], expiresAt: null, allowedCidrs: [], origin: originOf(request) };
    }
  }
}

function assertFor(access: Access | undefined, principal: Principal): void {
  if (access?.kind === 'permission' && isPermitted(principal, access.permission)) {
    if (isHeldBack(principal, access.permission))
      throw new ForbiddenError('The account is suspended: nothing of it can be changed.');
    return;
  }
  if (access?.kind === principal.kind) return;
  if (access?.kind === 'operator' && principal.kind === 'person' && principal.membership.operator) return;
  if (access?.kind === 'person') throw new UnauthorizedError('There is no session.');
  if (access?.kind === 'key') throw new UnauthorizedError('Provide the key itself in the Authorization header.');
  throw new ForbiddenError('You lack permission for this action.');
}
