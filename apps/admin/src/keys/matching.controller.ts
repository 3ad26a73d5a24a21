import { Body, Controller, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { MatchingRevocation, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';
import { revokedKeysAnswer } from './key-answers.js';
import { type RevokeMatchingBody, revokeMatchingBody } from './key-filters.js';

/** Many keys of the principal's account at once. */
@ApiTags('keys')
@Controller('api/v1/keys/revoke-matching')
export class MatchingController {
  constructor(private readonly revocation: MatchingRevocation) {}

  @Post()
  @Requires('keys:write')
  @ApiOperation({ summary: 'Revoke all keys that filters leave, as one event: when this returns, nobody accepts them' })
  @Answers({ description: 'How many were revoked, or would be', schema: revokedKeysAnswer, errors: [401, 403, 413] })
  async revoke(@CurrentPrincipal() principal: Principal, @Body({ schema: revokeMatchingBody }) body: RevokeMatchingBody) {
    const { all: _all, reason, description, dryRun, ...filter } = body;
    if (!dryRun) return this.revocation.revoke(principal, filter, { reason, description: description ?? null });
    const { matched, unrevoked, sample } = await this.revocation.preview(principal, filter);
    return { matched, revoked: 0, wouldRevoke: unrevoked, sample };
  }
}
