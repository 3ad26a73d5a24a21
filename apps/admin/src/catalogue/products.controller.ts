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
  productAnswer,
  type ProductBody,
  productBody,
  productList,
  type RenameProductBody,
  renameProductBody,
} from './catalogue-schemas.js';

/** What keys can be restricted to. */
@ApiTags('catalogue')
@Controller('api/v1/products')
export class ProductsController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @Requires('account:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the products, newest first' })
  @Answers({ description: 'A page of products', schema: productList, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.catalogue.products(accountId, pageRequest(query)));
  }

  @Post()
  @Requires('account:write')
  @ApiOperation({ summary: 'Add a product' })
  @Answers({ status: 201, description: 'The product', schema: productAnswer, errors: [401, 403, 409, 413], kept: true })
  add(@CurrentPrincipal() principal: Principal, @Body({ schema: productBody }) body: ProductBody) {
    return this.catalogue.addProduct(principal, body);
  }

  @Patch(':id')
  @Requires('account:write')
  @ApiOperation({ summary: 'Rename a product' })
  @Answers({ description: 'The product', schema: productAnswer, errors: [401, 403, 404, 413] })
  rename(
    @CurrentPrincipal() principal: Principal,
    @Param('id', CatalogueNamePipe) id: string,
    @Body({ schema: renameProductBody }) { name }: RenameProductBody,
  ) {
    return this.catalogue.renameProduct(principal, id, name);
  }

  @Delete(':id')
  @Requires('account:write')
  @ApiOperation({ summary: 'Remove a product', description: 'A conflict while a key that is not revoked lists it.' })
  @Answers({ description: 'The product as it was', schema: productAnswer, errors: [401, 403, 404, 409] })
  remove(@CurrentPrincipal() principal: Principal, @Param('id', CatalogueNamePipe) id: string) {
    return this.catalogue.removeProduct(principal, id);
  }
}
