import { Body, Controller, Delete, Get, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Principal, Webhooks, type WebhookWithSecret } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { WebhookIdPipe } from './webhook-id.pipe.js';
import {
  type AddWebhookBody,
  addWebhookBody,
  type ChangeWebhookBody,
  changeWebhookBody,
  type RotateSecretBody,
  rotateSecretBody,
  webhookAnswer,
  webhookList,
  webhookSecretAnswer,
  webhookView,
} from './webhook-schemas.js';

/** Who is told of what happens in the principal's account. */
@ApiTags('webhooks')
@Controller('api/v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  @Post()
  @Requires('account:write')
  @ApiOperation({ summary: 'Add a webhook' })
  @Answers({
    status: 201,
    description: 'The webhook, and its secret this once',
    schema: webhookSecretAnswer,
    errors: [401, 403, 409, 413],
  })
  async add(@CurrentPrincipal() principal: Principal, @Body({ schema: addWebhookBody }) body: AddWebhookBody) {
    return secretView(await this.webhooks.add(principal, body));
  }

  @Get()
  @Requires('webhooks:read')
  @TakesQuery(pageQuery)
  @ApiOperation({ summary: 'List the webhooks, newest first' })
  @Answers({ description: 'A page of webhooks', schema: webhookList, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.webhooks.list(accountId, pageRequest(query)), webhookView);
  }

  @Get(':id')
  @Requires('webhooks:read')
  @ApiOperation({ summary: 'Show a webhook' })
  @Answers({ description: 'The webhook', schema: webhookAnswer, errors: [401, 403, 404] })
  async find(@CurrentPrincipal() { accountId }: Principal, @Param('id', WebhookIdPipe) id: string) {
    return webhookView(await this.webhooks.find(accountId, id));
  }

  @Patch(':id')
  @Requires('account:write')
  @ApiOperation({ summary: 'Change a webhook, or switch it off or on' })
  @Answers({ description: 'The webhook, changed', schema: webhookAnswer, errors: [401, 403, 404, 413] })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', WebhookIdPipe) id: string,
    @Body({ schema: changeWebhookBody }) body: ChangeWebhookBody,
  ) {
    return webhookView(await this.webhooks.change(principal, id, body));
  }

  @Delete(':id')
  @Requires('account:write')
  @ApiOperation({ summary: 'Delete a webhook, and what is on its way to it' })
  @Answers({ status: HttpStatus.NO_CONTENT, description: 'There is no such webhook any more', errors: [401, 403, 404] })
  async delete(@CurrentPrincipal() principal: Principal, @Param('id', WebhookIdPipe) id: string): Promise<void> {
    await this.webhooks.delete(principal, id);
  }

  @Post(':id/rotate-secret')
  @Requires('account:write')
  @ApiOperation({ summary: 'Give a webhook another secret: until the grace period ends deliveries carry two signatures' })
  @Answers({
    status: 201,
    description: 'The webhook, and its new secret this once',
    schema: webhookSecretAnswer,
    errors: [401, 403, 404, 413],
  })
  async rotateSecret(
    @CurrentPrincipal() principal: Principal,
    @Param('id', WebhookIdPipe) id: string,
    @Body({ schema: rotateSecretBody }) { graceSeconds }: RotateSecretBody,
  ) {
    return secretView(await this.webhooks.rotateSecret(principal, id, graceSeconds));
  }
}

function secretView({ webhook, secret }: WebhookWithSecret) {
  return { secret, webhook: webhookView(webhook) };
}
