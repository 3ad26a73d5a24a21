import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Account } from '#libs/key-domain';
import { Accounts, type PersonPrincipal } from '#libs/lifecycle';
import { ForOperator } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, listSchema, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { text } from '../http/text.js';
import { enforcedKeyAnswer } from '../keys/key-answers.js';
import { Answers } from '../openapi/answers.decorator.js';
import { InvitationLink } from '../people/invitation-link.js';
import { openInvitationAnswer } from '../people/member-schemas.js';

const ownerEmailField = z.email({ error: 'An e-mail address.' }).max(254);
const openBody = z.strictObject({ name: text(1, 100), ownerEmail: ownerEmailField }).meta({ id: 'OpenAccount' });
type OpenBody = z.output<typeof openBody>;

const ownerBody = z.strictObject({ ownerEmail: ownerEmailField }).meta({ id: 'InviteOwner' });
type OwnerBody = z.output<typeof ownerBody>;

const accountAnswer = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Account' });
const accountList = listSchema(accountAnswer).meta({ id: 'AccountList' });
const openedAnswer = openInvitationAnswer.extend({ account: accountAnswer }).meta({ id: 'OpenedAccount' });
const enforcedAnswer = z
  .strictObject({ account: accountAnswer, enforced: enforcedKeyAnswer.shape.enforced })
  .meta({ id: 'EnforcedAccount' });

/** The accounts of the installation. */
@ApiTags('accounts')
@Controller('api/v1/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly link: InvitationLink,
  ) {}

  @Get()
  @ForOperator()
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the accounts, newest first' })
  @Answers({ description: 'A page of accounts', schema: accountList, errors: [401, 403] })
  async list(@Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.accounts.list(pageRequest(query)), accountView);
  }

  @Post()
  @ForOperator()
  @ApiOperation({ summary: 'Make an account, and invite its owner' })
  @Answers({ status: 201, description: 'The account, and the link of its owner', schema: openedAnswer, errors: [401, 403, 413] })
  async open(@CurrentPrincipal() operator: PersonPrincipal, @Body({ schema: openBody }) { name, ownerEmail }: OpenBody) {
    const { account, ...opened } = await this.accounts.open(operator, name, ownerEmail);
    return { account: accountView(account), ...this.link.of(opened) };
  }

  @Post(':accountId/owner-invitation')
  @ForOperator()
  @ApiOperation({ summary: 'Invite the owner of an account that nobody is in; voids earlier links into it' })
  @Answers({ status: 201, description: 'The invitation', schema: openInvitationAnswer, errors: [401, 403, 404, 409, 413] })
  async inviteOwner(
    @CurrentPrincipal() operator: PersonPrincipal,
    @Param('accountId') accountId: string,
    @Body({ schema: ownerBody }) { ownerEmail }: OwnerBody,
  ) {
    return this.link.of(await this.accounts.inviteOwner(operator, accountId, ownerEmail));
  }

  @Post(':accountId/suspend')
  @ForOperator()
  @ApiOperation({ summary: 'Suspend an account: when this returns, none of its keys is accepted anywhere' })
  @Answers({ description: 'The account', schema: enforcedAnswer, errors: [401, 403, 404] })
  async suspend(@CurrentPrincipal() operator: PersonPrincipal, @Param('accountId') accountId: string) {
    const { account, enforced } = await this.accounts.setStatus(operator, accountId, 'suspended');
    return { account: accountView(account), enforced };
  }

  @Post(':accountId/resume')
  @ForOperator()
  @ApiOperation({ summary: 'Take an account into use again' })
  @Answers({ description: 'The account', schema: enforcedAnswer, errors: [401, 403, 404] })
  async resume(@CurrentPrincipal() operator: PersonPrincipal, @Param('accountId') accountId: string) {
    const { account, enforced } = await this.accounts.setStatus(operator, accountId, 'active');
    return { account: accountView(account), enforced };
  }
}

function accountView({ id, name, status, createdAt }: Account) {
  return { id, name, status, createdAt };
}
