import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Catalogue, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';
import { policy, type PolicyBody } from './catalogue-schemas.js';

/** The account's rules. */
@ApiTags('catalogue')
@Controller('api/v1/policy')
export class PolicyController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @Requires('account:read')
  @ApiOperation({ summary: "Show the account's rules" })
  @Answers({ description: 'The rules', schema: policy, errors: [401, 403] })
  show(@CurrentPrincipal() { accountId }: Principal) {
    return this.catalogue.policy(accountId);
  }

  @Patch()
  @Requires('account:write')
  @ApiOperation({ summary: "Change the account's rules" })
  @Answers({ description: 'The rules as they are now', schema: policy, errors: [401, 403, 413] })
  change(@CurrentPrincipal() principal: Principal, @Body({ schema: policy }) body: PolicyBody) {
    return this.catalogue.setPolicy(principal, body);
  }
}
