import { Body, Controller, Get, HttpStatus, Ip, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type PersonPrincipal, Sessions, SignIn } from '#libs/lifecycle';
import { ForPerson, Public } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { SessionCookie } from '../access/session-cookie.js';
import { Answers } from '../openapi/answers.decorator.js';
import { type LoginBody, loginBody, membershipAnswer, membershipView } from './membership.js';

/** The sessions of people. */
@ApiTags('sessions')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('login')
  @Public()
  @ApiOperation({ summary: 'Sign in; sets the session cookie' })
  @Answers({ description: 'Who signed in', schema: membershipAnswer, errors: [401, 403, 413, 429] })
  async login(
    @Body({ schema: loginBody }) body: LoginBody,
    @Ip() address: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { token, membership } = await this.signIn.signIn({ ...body, address: address ?? '' });
    this.cookie.set(response, token);
    return membershipView(membership);
  }

  @Post('logout')
  @Public()
  @ApiOperation({ summary: 'End the session of the cookie, if there is one' })
  @Answers({ status: HttpStatus.NO_CONTENT, description: 'There is no session any more', errors: [403] })
  async logout(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const token = this.cookie.read(request);
    if (token !== null) await this.sessions.end(token);
    this.cookie.clear(response);
  }

  @Get('session')
  @ForPerson()
  @ApiOperation({ summary: 'Who is signed in' })
  @Answers({ description: 'The person of the session', schema: membershipAnswer, errors: [401] })
  session(@CurrentPrincipal() { membership }: PersonPrincipal) {
    return membershipView(membership);
  }
}
