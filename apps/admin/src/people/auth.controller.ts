import { Body, Controller, Get, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type OpenedSession, PasswordChange, type PersonPrincipal, Sessions, SetUp, SignIn } from '#libs/lifecycle';
import { ForPerson, Public } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { SessionCookie } from '../access/session-cookie.js';
import { TellsRepetitions } from '../http/idempotency.interceptor.js';
import { originOf } from '../http/request-origin.js';
import { Answers } from '../openapi/answers.decorator.js';
import {
  type LoginBody,
  loginBody,
  methodsAnswer,
  type PasswordBody,
  passwordAnswer,
  passwordBody,
  signedInAnswer,
  signedInView,
  type SwitchBody,
  switchBody,
} from './membership.js';
import { IdentityProvider } from './oidc/identity-provider.js';

/** How people come in and leave. */
@ApiTags('sessions')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly sessions: Sessions,
    private readonly passwords: PasswordChange,
    private readonly cookie: SessionCookie,
    private readonly provider: IdentityProvider,
    private readonly setUp: SetUp,
  ) {}

  @Post('login')
  @Public()
  @ApiOperation({ summary: 'Sign in; sets the session cookie' })
  @Answers({ description: 'Who signed in', schema: signedInAnswer, errors: [401, 403, 413, 429] })
  async login(
    @Body({ schema: loginBody }) body: LoginBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.goOn(await this.signIn.signIn(body, originOf(request)), response);
  }

  @Get('methods')
  @Public()
  @ApiOperation({ summary: 'How people can sign in' })
  @Answers({
    description: 'Passwords always; at an identity provider where one is configured; nobody before the installation is set up',
    schema: methodsAnswer,
    errors: [],
  })
  async methods() {
    return { password: true, identityProvider: this.provider.isConfigured, isSetUp: await this.setUp.isDone() };
  }

  @Post('logout')
  @Public()
  @ApiOperation({ summary: 'End the session of the cookie, if there is one' })
  @Answers({ status: HttpStatus.NO_CONTENT, description: 'There is no session any more', errors: [403] })
  async logout(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const token = this.cookie.read(request);
    if (token !== null) await this.sessions.end(token, originOf(request));
    this.cookie.clear(response);
  }

  @Get('session')
  @ForPerson()
  @ApiOperation({ summary: 'Who is signed in, and which accounts they have' })
  @Answers({ description: 'The person of the session', schema: signedInAnswer, errors: [401] })
  async session(@CurrentPrincipal() { membership }: PersonPrincipal) {
    return signedInView(membership, await this.sessions.memberships(membership));
  }

  @Post('session/account')
  @TellsRepetitions() // its answer is a cookie
  @ForPerson()
  @ApiOperation({ summary: 'Go on in another account; a new session takes the place of this one' })
  @Answers({ description: 'The person in that account', schema: signedInAnswer, errors: [401, 403, 404, 413] })
  async switchAccount(
    @CurrentPrincipal() principal: PersonPrincipal,
    @Body({ schema: switchBody }) { accountId }: SwitchBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    const opened = await this.sessions.switchAccount(principal, accountId);
    if (opened !== null) return this.goOn(opened, response);
    return signedInView(principal.membership, await this.sessions.memberships(principal.membership));
  }

  @Post('password')
  @ForPerson()
  @ApiOperation({ summary: 'Change the password; ends every other session of the person' })
  @Answers({ description: 'How many sessions ended', schema: passwordAnswer, errors: [401, 403, 409, 413, 429] })
  async changePassword(@CurrentPrincipal() principal: PersonPrincipal, @Body({ schema: passwordBody }) body: PasswordBody) {
    return { sessionsEnded: await this.passwords.change(principal, body.current, body.new) };
  }

  private async goOn({ token, membership }: OpenedSession, response: Response) {
    this.cookie.set(response, token);
    return signedInView(membership, await this.sessions.memberships(membership));
  }
}
