import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AccountPolicy, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';
import { changePolicyBody, type ChangePolicyBody, policyAnswer } from './policy-schemas.js';

/** The account's rules. */
@ApiTags('catalogue')
@Controller('api/v1/policy')
export class PolicyController {
  constructor(private readonly policy: AccountPolicy) {}

  @Get()
  @Requires('account:read')
  @ApiOperation({ summary: "Show the account's rules" })
  @Answers({ description: 'The rules', schema: policyAnswer, errors: [401, 403] })
  show(@CurrentPrincipal() { accountId }: Principal) {
    return this.policy.show(accountId);
  }

  @Patch()
  @Requires('account:write')
  @ApiOperation({
    summary: "Change the account's rules",
    description:
      'They bind keys that are issued or changed from now on. Keys that are there go on, and are listed as violations.',
  })
  @Answers({ description: 'The rules as they are now', schema: policyAnswer, errors: [401, 403, 413] })
  change(@CurrentPrincipal() principal: Principal, @Body({ schema: changePolicyBody }) body: ChangePolicyBody) {
    return this.policy.change(principal, body);
  }
}
