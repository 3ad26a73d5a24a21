import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Catalogue, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { scopeAnswer, type ScopeBody, scopeBody, scopeList } from './catalogue-schemas.js';

/** The scopes that the account offers when keys are issued. */
@ApiTags('catalogue')
@Controller('api/v1/scopes')
export class ScopesController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @Requires('account:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the scopes, by group and name' })
  @Answers({ description: 'A page of scopes', schema: scopeList, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.catalogue.scopes(accountId, pageRequest(query)));
  }

  @Post()
  @Requires('account:write')
  @ApiOperation({ summary: 'Add a scope' })
  @Answers({ status: 201, description: 'The scope', schema: scopeAnswer, errors: [401, 403, 409, 413] })
  add(@CurrentPrincipal() principal: Principal, @Body({ schema: scopeBody }) body: ScopeBody) {
    return this.catalogue.addScope(principal, body);
  }
}
