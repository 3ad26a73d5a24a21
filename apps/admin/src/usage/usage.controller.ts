import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { KeyUsage, type Principal, type UsageSeries } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { KeyIdPipe } from '../keys/key-id.pipe.js';
import { Answers } from '../openapi/answers.decorator.js';
import { usageAnswer, type UsageQuery, usageQuery } from './usage-schemas.js';

/** How often the keys of the principal's account were verified, and with what outcome. */
@ApiTags('usage')
@Controller('api/v1')
export class UsageController {
  constructor(private readonly usage: KeyUsage) {}

  @Get('usage')
  @Requires('keys:read')
  @TakesQuery(usageQuery)
  @ApiOperation({ summary: 'How often the keys of the account were verified, by outcome, over time' })
  @Answers({ description: 'Each hour or day', schema: usageAnswer, errors: [401, 403] })
  async ofAccount(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: usageQuery }) query: UsageQuery) {
    return usageView(await this.usage.ofAccount(accountId, query));
  }

  @Get('keys/:id/usage')
  @Requires('keys:read')
  @TakesQuery(usageQuery)
  @ApiOperation({ summary: 'How often a key was verified, by outcome, over time' })
  @Answers({ description: 'Each hour or day', schema: usageAnswer, errors: [401, 403, 404] })
  async ofKey(
    @CurrentPrincipal() { accountId }: Principal,
    @Param('id', KeyIdPipe) id: string,
    @Query({ schema: usageQuery }) query: UsageQuery,
  ) {
    return usageView(await this.usage.ofKey(accountId, id, query));
  }
}

function usageView({ buckets, ...span }: UsageSeries) {
  return { data: buckets, ...span };
}
