import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Catalogue, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { CatalogueNamePipe } from './catalogue-name.pipe.js';
import {
  addedScopes,
  type ApplyTemplateBody,
  applyTemplateBody,
  type ChangeScopeBody,
  changeScopeBody,
  scopeAnswer,
  type ScopeBody,
  scopeBody,
  scopeList,
} from './catalogue-schemas.js';

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
  @Answers({ status: 201, description: 'The scope', schema: scopeAnswer, errors: [401, 403, 409, 413], kept: true })
  add(@CurrentPrincipal() principal: Principal, @Body({ schema: scopeBody }) body: ScopeBody) {
    return this.catalogue.addScope(principal, body);
  }

  @Post('apply-template')
  @Requires('account:write')
  @ApiOperation({ summary: 'Add what the account lacks of a template; what it has stays as it is' })
  @Answers({ description: 'The scopes that were added', schema: addedScopes, errors: [401, 403, 409, 413] })
  async applyTemplate(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: applyTemplateBody }) { template }: ApplyTemplateBody,
  ) {
    return { added: await this.catalogue.applyTemplate(principal, template) };
  }

  @Patch(':name')
  @Requires('account:write')
  @ApiOperation({ summary: 'Change the group and the description of a scope' })
  @Answers({ description: 'The scope', schema: scopeAnswer, errors: [401, 403, 404, 413] })
  change(
    @CurrentPrincipal() principal: Principal,
    @Param('name', CatalogueNamePipe) name: string,
    @Body({ schema: changeScopeBody }) body: ChangeScopeBody,
  ) {
    return this.catalogue.changeScope(principal, name, body);
  }

  @Delete(':name')
  @Requires('account:write')
  @ApiOperation({ summary: 'Offer a scope no more', description: 'Keys that hold it keep it.' })
  @Answers({ description: 'The scope as it was', schema: scopeAnswer, errors: [401, 403, 404] })
  remove(@CurrentPrincipal() principal: Principal, @Param('name', CatalogueNamePipe) name: string) {
    return this.catalogue.removeScope(principal, name);
  }
}
