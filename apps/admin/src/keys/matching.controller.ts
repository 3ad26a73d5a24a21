import { Body, Controller, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { MatchingRevocation, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';
import { revokedKeysAnswer } from './key-answers.js';
import { type RevokeMatchingBody, revokeMatchingBody } from './key-filters.js';
import { MatchingPlaces } from './matching-places.js';

/** Many keys of the principal's account at once. */
@ApiTags('keys')
@Controller('api/v1/keys/revoke-matching')
export class MatchingController {
  constructor(
    private readonly revocation: MatchingRevocation,
    private readonly places: MatchingPlaces,
  ) {}

  @Post()
  @Requires('keys:write')
  @ApiOperation({ summary: 'Revoke all keys that filters leave, as one event: when this returns, nobody accepts them' })
  @Answers({ description: 'How many were revoked, or would be', schema: revokedKeysAnswer, errors: [401, 403, 413, 429] })
  async revoke(@CurrentPrincipal() principal: Principal, @Body({ schema: revokeMatchingBody }) body: RevokeMatchingBody) {
    const { all: _all, reason, description, dryRun, ...filter } = body;
    const { accountId } = principal;
    if (!dryRun) {
      const revocation = { reason, description: description ?? null };
      return this.places.revocations.during(accountId, () => this.revocation.revoke(principal, filter, revocation));
    }
    const look = () => this.revocation.preview(principal, filter);
    const { matched, unrevoked, sample } = await this.places.looks.during(accountId, look);
    return { matched, revoked: 0, wouldRevoke: unrevoked, sample };
  }
}
