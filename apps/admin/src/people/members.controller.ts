import { Body, Controller, Delete, Get, HttpStatus, Param, Patch, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Members, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { memberAnswer, memberList, memberView, type RoleBody, roleBody } from './member-schemas.js';

/** The people of the principal's account. */
@ApiTags('members')
@Controller('api/v1/members')
export class MembersController {
  constructor(private readonly members: Members) {}

  @Get()
  @Requires('account:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the members' })
  @Answers({ description: 'A page of members', schema: memberList, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.members.list(accountId, pageRequest(query)), memberView);
  }

  @Patch(':personId')
  @Requires('account:write')
  @ApiOperation({ summary: 'Give a member another role' })
  @Answers({ description: 'The member', schema: memberAnswer, errors: [401, 403, 404, 409, 413] })
  async changeRole(
    @CurrentPrincipal() principal: Principal,
    @Param('personId') personId: string,
    @Body({ schema: roleBody }) { role }: RoleBody,
  ) {
    return memberView(await this.members.changeRole(principal, personId, role));
  }

  @Delete(':personId')
  @Requires('account:write')
  @ApiOperation({ summary: 'Remove a member; their sessions of the account end' })
  @Answers({ status: HttpStatus.NO_CONTENT, description: 'No member any more', errors: [401, 403, 404, 409] })
  remove(@CurrentPrincipal() principal: Principal, @Param('personId') personId: string): Promise<void> {
    return this.members.remove(principal, personId);
  }
}
