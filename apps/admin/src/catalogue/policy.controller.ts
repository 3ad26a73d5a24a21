import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AccountPolicy, PolicyViolations, type Principal, type Violation } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { listOf, type PageQuery, pageQuery, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { keyView } from '../keys/key-view.js';
import { Answers } from '../openapi/answers.decorator.js';
import { changePolicyBody, type ChangePolicyBody, policyAnswer, violationList } from './policy-schemas.js';

/** The account's rules. */
@ApiTags('catalogue')
@Controller('api/v1/policy')
export class PolicyController {
  constructor(
    private readonly policy: AccountPolicy,
    private readonly violations: PolicyViolations,
  ) {}

  @Get()
  @Requires('account:read')
  @ApiOperation({ summary: "Show the account's rules" })
  @Answers({ description: 'The rules', schema: policyAnswer, errors: [401, 403] })
  show(@CurrentPrincipal() { accountId }: Principal) {
    return this.policy.show(accountId);
  }

  @Get('violations')
  @Requires('keys:read')
  @TakesQuery(pageQuery)
  @ApiOperation({
    summary: 'List the keys that break the rules and go on all the same, newest first',
    description: 'A page may hold fewer than `limit`, or none, and not be the last: `nextCursor` tells.',
  })
  @Answers({ description: 'A page of keys, each with what it breaks', schema: violationList, errors: [401, 403] })
  async listViolations(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: pageQuery }) query: PageQuery) {
    return listOf(await this.violations.list(accountId, pageRequest(query)), violationView);
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

function violationView({ key, faults, now }: Violation) {
  return { key: keyView(key, now), violations: faults.map(({ rule, path, message }) => ({ rule, path, message })) };
}
