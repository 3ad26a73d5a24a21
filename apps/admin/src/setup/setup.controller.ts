import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Sessions, SetUp } from '#libs/lifecycle';
import { Public } from '../access/access.decorators.js';
import { SessionCookie } from '../access/session-cookie.js';
import { originOf } from '../http/request-origin.js';
import { text } from '../http/text.js';
import { Answers } from '../openapi/answers.decorator.js';
import { membershipAnswer, membershipView, newPassword } from '../people/membership.js';
import { FirstServiceKey } from './first-service-key.js';

const setUpBody = z
  .strictObject({
    setupToken: z.string().min(1).max(256).describe('From the link that is printed at the first start.'),
    accountName: text(1, 100),
    email: z.email({ error: 'An e-mail address.' }).max(254),
    password: newPassword,
  })
  .meta({ id: 'SetUp' });
type SetUpBody = z.output<typeof setUpBody>;

/** The first run. */
@ApiTags('set-up')
@Controller('api/v1/setup')
export class SetUpController {
  constructor(
    private readonly setUp: SetUp,
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
    private readonly serviceKey: FirstServiceKey,
  ) {}

  @Post()
  @Public()
  @ApiOperation({ summary: 'Make the first account and its owner, who is operator too; sets the session cookie' })
  @Answers({ status: 201, description: 'The owner', schema: membershipAnswer, errors: [401, 403, 409, 413] })
  async begin(
    @Body({ schema: setUpBody }) { setupToken, ...request }: SetUpBody,
    @Req() asked: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    const origin = originOf(asked);
    const owner = await this.setUp.withToken(setupToken, request, origin, (token) => this.serviceKey.handOver(token));
    this.cookie.set(response, await this.sessions.open(owner, origin));
    return membershipView(owner);
  }
}
