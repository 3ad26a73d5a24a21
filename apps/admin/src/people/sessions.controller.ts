import { Controller, Delete, Get, HttpStatus, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Session } from '#libs/key-domain';
import { type PersonPrincipal, Sessions } from '#libs/lifecycle';
import { ForPerson } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';

const sessionAnswer = z
  .strictObject({
    id: z.string(),
    account: z.strictObject({ id: z.string(), name: z.string() }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    address: z.string().nullable().describe('Whence it was opened.'),
    userAgent: z.string().nullable(),
    current: z.boolean().describe('Whether it is the one in which you ask.'),
  })
  .meta({ id: 'Session' });
const sessionsAnswer = z.strictObject({ data: z.array(sessionAnswer) }).meta({ id: 'SessionList' });

/** A person's own sessions, in whichever account. */
@ApiTags('sessions')
@Controller('api/v1/auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @ForPerson()
  @ApiOperation({ summary: 'List your sessions, newest first' })
  @Answers({ description: 'All that are open', schema: sessionsAnswer, errors: [401] })
  async list(@CurrentPrincipal() principal: PersonPrincipal) {
    const sessions = await this.sessions.list(principal);
    return { data: sessions.map((session) => sessionView(session, principal.sessionId)) };
  }

  @Delete(':sessionId')
  @ForPerson()
  @ApiOperation({ summary: 'End one of your sessions' })
  @Answers({ status: HttpStatus.NO_CONTENT, description: 'It is over', errors: [401, 403, 404] })
  end(@CurrentPrincipal() principal: PersonPrincipal, @Param('sessionId') sessionId: string): Promise<void> {
    return this.sessions.endOne(principal, sessionId);
  }
}

function sessionView({ id, accountId, accountName, createdAt, expiresAt, address, userAgent }: Session, current: string) {
  const account = { id: accountId, name: accountName };
  return { id, account, createdAt, expiresAt, address, userAgent, current: id === current };
}
