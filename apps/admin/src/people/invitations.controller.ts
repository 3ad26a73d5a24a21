import { Body, Controller, Delete, Get, HttpStatus, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Invitations, type Principal, Sessions } from '#libs/lifecycle';
import { Public, Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { SessionCookie } from '../access/session-cookie.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { originOf } from '../http/request-origin.js';
import { Answers } from '../openapi/answers.decorator.js';
import { InvitationLink } from './invitation-link.js';
import {
  type AcceptBody,
  acceptBody,
  invitationList,
  invitationView,
  type InviteBody,
  inviteBody,
  openInvitationAnswer,
} from './member-schemas.js';
import { signedInAnswer, signedInView } from './membership.js';

/** How people come into an account. */
@ApiTags('members')
@Controller('api/v1')
export class InvitationsController {
  constructor(
    private readonly invitations: Invitations,
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
    private readonly link: InvitationLink,
  ) {}

  @Get('members/invitations')
  @Requires('account:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the invitations that can still be accepted, newest first' })
  @Answers({ description: 'A page of invitations', schema: invitationList, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.invitations.list(accountId, pageRequest(query)), invitationView);
  }

  @Post('members/invitations')
  @Requires('account:write')
  @ApiOperation({ summary: 'Invite somebody; voids an earlier link to the same e-mail address' })
  @Answers({ status: 201, description: 'The invitation', schema: openInvitationAnswer, errors: [401, 403, 409, 413] })
  async invite(@CurrentPrincipal() principal: Principal, @Body({ schema: inviteBody }) { email, role }: InviteBody) {
    return this.link.of(await this.invitations.invite(principal, email, role));
  }

  @Delete('members/invitations/:invitationId')
  @Requires('account:write')
  @ApiOperation({ summary: 'Withdraw an invitation' })
  @Answers({ status: HttpStatus.NO_CONTENT, description: 'Its link is void', errors: [401, 403, 404] })
  withdraw(@CurrentPrincipal() principal: Principal, @Param('invitationId') id: string): Promise<void> {
    return this.invitations.withdraw(principal, id);
  }

  @Post('auth/invitations/accept')
  @Public()
  @ApiOperation({ summary: 'Join an account; sets the session cookie' })
  @Answers({ description: 'Who joined', schema: signedInAnswer, errors: [403, 404, 409, 413, 429] })
  async accept(
    @Body({ schema: acceptBody }) { token, password }: AcceptBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    const opened = await this.invitations.accept(token, password, originOf(request));
    this.cookie.set(response, opened.token);
    return signedInView(opened.membership, await this.sessions.memberships(opened.membership));
  }
}
