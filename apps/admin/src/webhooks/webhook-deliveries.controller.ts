import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Principal, Webhooks } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { WebhookIdPipe } from './webhook-id.pipe.js';
import { deliveryAnswer, deliveryList, deliveryView } from './webhook-schemas.js';

/** What is and was on its way to a webhook. */
@ApiTags('webhooks')
@Controller('api/v1/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(private readonly webhooks: Webhooks) {}

  @Get('deliveries')
  @Requires('webhooks:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List what was sent to a webhook or is to be, newest first, with every attempt' })
  @Answers({ description: 'A page of deliveries', schema: deliveryList, errors: [401, 403, 404] })
  async list(
    @CurrentPrincipal() { accountId }: Principal,
    @Param('id', WebhookIdPipe) id: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return listOf(await this.webhooks.deliveries(accountId, id, pageRequest(query)), deliveryView);
  }

  @Post('deliveries/:deliveryId/redeliver')
  @Requires('account:write')
  @ApiOperation({ summary: 'Send a delivery again, now' })
  @Answers({ description: 'The delivery, on its way', schema: deliveryAnswer, errors: [401, 403, 404, 409] })
  async redeliver(
    @CurrentPrincipal() principal: Principal,
    @Param('id', WebhookIdPipe) id: string,
    @Param('deliveryId') deliveryId: string,
  ) {
    return deliveryView(await this.webhooks.redeliver(principal, id, deliveryId));
  }

  @Post('test')
  @Requires('account:write')
  @ApiOperation({ summary: 'Send a webhook the event webhook.test' })
  @Answers({ description: 'The delivery, on its way', schema: deliveryAnswer, errors: [401, 403, 404, 409] })
  async test(@CurrentPrincipal() principal: Principal, @Param('id', WebhookIdPipe) id: string) {
    return deliveryView(await this.webhooks.sendTest(principal, id));
  }
}
