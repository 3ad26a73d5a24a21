import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { KeyChanging, KeyDirectory, KeyEnding, KeyIssuing, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { enforcedKeyAnswer, issuedKeyAnswer, keyAnswer, keyListAnswer } from './key-answers.js';
import { type KeyListQuery, keyListQuery } from './key-filters.js';
import { KeyIdPipe } from './key-id.pipe.js';
import {
  type ChangeKeyBody,
  changeKeyBody,
  type DeleteKeyQuery,
  deleteKeyQuery,
  type IssueKeyBody,
  issueKeyBody,
  type RevokeKeyBody,
  revokeKeyBody,
} from './key-requests.js';
import { enforcedView, keyView, SHOWN_ONCE } from './key-view.js';

/** The keys of the principal's account. */
@ApiTags('keys')
@Controller('api/v1/keys')
export class KeysController {
  constructor(
    private readonly issuing: KeyIssuing,
    private readonly directory: KeyDirectory,
    private readonly changing: KeyChanging,
    private readonly ending: KeyEnding,
  ) {}

  @Post()
  @Requires('keys:write')
  @ApiOperation({ summary: 'Issue a key' })
  @Answers({ status: 201, description: 'The key, and its token this once', schema: issuedKeyAnswer, errors: [401, 403, 413] })
  async issue(@CurrentPrincipal() principal: Principal, @Body({ schema: issueKeyBody }) body: IssueKeyBody) {
    const { token, key } = await this.issuing.issue(principal, body);
    return { key: token, metadata: keyView(key), warning: SHOWN_ONCE };
  }

  @Get()
  @Requires('keys:read')
  @TakesQuery(keyListQuery)
  @ApiOperation({ summary: 'List the keys, newest first' })
  @Answers({ description: 'A page of keys', schema: keyListAnswer, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: keyListQuery }) query: KeyListQuery) {
    const { limit, cursor, ...filter } = query;
    const page = await this.directory.list(accountId, filter, pageRequest({ limit, cursor }));
    return listOf(page, (key) => keyView(key, page.now));
  }

  @Get(':id')
  @Requires('keys:read')
  @ApiOperation({ summary: 'Show a key' })
  @Answers({ description: 'The key', schema: keyAnswer, errors: [401, 403, 404] })
  async find(@CurrentPrincipal() { accountId }: Principal, @Param('id', KeyIdPipe) id: string) {
    return keyView(await this.directory.find(accountId, id));
  }

  @Patch(':id')
  @Requires('keys:write')
  @ApiOperation({ summary: 'Change a key: when this returns, nobody judges it by what it was' })
  @Answers({ description: 'The key, changed', schema: enforcedKeyAnswer, errors: [401, 403, 404, 409, 413] })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', KeyIdPipe) id: string,
    @Body({ schema: changeKeyBody }) body: ChangeKeyBody,
  ) {
    return enforcedView(await this.changing.change(principal, id, body));
  }

  @Post(':id/revoke')
  @Requires('keys:write')
  @ApiOperation({ summary: 'Revoke a key: when this returns, nobody accepts it' })
  @Answers({ description: 'The key, revoked', schema: enforcedKeyAnswer, errors: [401, 403, 404, 413] })
  async revoke(
    @CurrentPrincipal() principal: Principal,
    @Param('id', KeyIdPipe) id: string,
    @Body({ schema: revokeKeyBody }) { reason, description }: RevokeKeyBody,
  ) {
    return enforcedView(await this.ending.revoke(principal, id, { reason, description: description ?? null }));
  }

  @Delete(':id')
  @Requires('keys:write')
  @TakesQuery(deleteKeyQuery)
  @ApiOperation({ summary: 'Revoke a key, or delete it for good' })
  @Answers({ description: 'The key as it last was', schema: enforcedKeyAnswer, errors: [401, 403, 404] })
  async delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id', KeyIdPipe) id: string,
    @Query({ schema: deleteKeyQuery }) { permanent }: DeleteKeyQuery,
  ) {
    const change = permanent === 'true' ? this.ending.delete(principal, id) : this.ending.revoke(principal, id);
    return enforcedView(await change);
  }
}
