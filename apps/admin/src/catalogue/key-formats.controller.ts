import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { MAX_FORMATS } from '#libs/key-domain';
import { Catalogue, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { CatalogueNamePipe } from './catalogue-name.pipe.js';
import { keyFormat, type KeyFormatBody, keyFormatList, removedKeyFormat } from './catalogue-schemas.js';

/** The shapes of the account's tokens. */
@ApiTags('catalogue')
@Controller('api/v1/key-formats')
export class KeyFormatsController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @Requires('account:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the key formats' })
  @Answers({ description: 'A page of key formats', schema: keyFormatList, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.catalogue.formats(accountId, pageRequest(query)));
  }

  @Post()
  @Requires('account:write')
  @ApiOperation({ summary: 'Add a key format', description: `An account has ${MAX_FORMATS} at most: one more is a conflict.` })
  @Answers({ status: 201, description: 'The key format', schema: keyFormat, errors: [401, 403, 409, 413], kept: true })
  add(@CurrentPrincipal() principal: Principal, @Body({ schema: keyFormat }) body: KeyFormatBody) {
    return this.catalogue.addFormat(principal, body);
  }

  @Get(':name')
  @Requires('account:read')
  @ApiOperation({ summary: 'Show a key format' })
  @Answers({ description: 'The key format', schema: keyFormat, errors: [401, 403, 404] })
  find(@CurrentPrincipal() { accountId }: Principal, @Param('name', CatalogueNamePipe) name: string) {
    return this.catalogue.format(accountId, name);
  }

  @Delete(':name')
  @Requires('account:write')
  @ApiOperation({
    summary: 'Remove a key format',
    description: 'One that a key has, revoked keys included, or that is the default of the policy, is a conflict.',
  })
  @Answers({ description: 'The key format as it was', schema: removedKeyFormat, errors: [401, 403, 404, 409] })
  async remove(@CurrentPrincipal() principal: Principal, @Param('name', CatalogueNamePipe) name: string) {
    const { format, enforced } = await this.catalogue.removeFormat(principal, name);
    return { metadata: format, enforced };
  }
}
