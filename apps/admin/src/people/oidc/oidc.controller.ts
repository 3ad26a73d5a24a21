import { Controller, Get, HttpStatus, Redirect, Req, Res, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { UnauthorizedError } from '#libs/key-domain';
import { IdentitySignIn } from '#libs/lifecycle';
import { Public } from '../../access/access.decorators.js';
import { PublicAddress } from '../../access/public-address.js';
import { SessionCookie } from '../../access/session-cookie.js';
import { TakesAnyQuery } from '../../http/query.interceptor.js';
import { originOf } from '../../http/request-origin.js';
import { Answers } from '../../openapi/answers.decorator.js';
import { AttemptCookie } from './attempt-cookie.js';
import { IdentityProvider } from './identity-provider.js';
import { ToSignInPage } from './to-sign-in-page.filter.js';

/** Signing in at an identity provider; for browsers, which are sent there and come back. */
@ApiTags('sessions')
@Controller('api/v1/auth/oidc')
@UseFilters(ToSignInPage)
export class OidcController {
  constructor(
    private readonly provider: IdentityProvider,
    private readonly attempts: AttemptCookie,
    private readonly people: IdentitySignIn,
    private readonly cookie: SessionCookie,
    private readonly address: PublicAddress,
  ) {}

  @Get('login')
  @Public()
  @Redirect()
  @ApiOperation({ summary: 'Go to the identity provider to sign in' })
  @Answers({ status: HttpStatus.FOUND, description: 'To the identity provider', errors: [404] })
  async begin(@Res({ passthrough: true }) response: Response) {
    const { url, attempt } = await this.provider.begin();
    this.attempts.set(response, attempt);
    return { url: url.href };
  }

  @Get('callback')
  @Public()
  @TakesAnyQuery()
  @Redirect()
  @ApiOperation({ summary: 'Come back from the identity provider; sets the session cookie' })
  @Answers({ status: HttpStatus.FOUND, description: 'Signed in', errors: [401, 403, 404] })
  async finish(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    const attempt = this.attempts.take(request, response);
    if (attempt === null) throw new UnauthorizedError('This browser has not begun to sign in, or a while ago. Begin again.');
    const proven = await this.provider.finish(new URL(request.originalUrl, this.address.url).search, attempt);
    const { token } = await this.people.signIn(proven, originOf(request));
    this.cookie.set(response, token);
    return { url: `${this.address.url}/` };
  }
}
