import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentKey, type KeyGrant } from '#libs/api-key-auth';
import { KeyEnding, type Principal } from '#libs/lifecycle';
import { ForPresentedKey } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';
import { enforcedSelfAnswer, selfAnswer } from './key-answers.js';
import { type RevokeSelfBody, revokeSelfBody } from './key-requests.js';

/** What a key may know of itself, and do to itself. Its routes are matched before `keys/{id}`. */
@ApiTags('keys')
@Controller('api/v1/keys/self')
export class SelfController {
  constructor(private readonly ending: KeyEnding) {}

  @Get()
  @ForPresentedKey()
  @ApiOperation({ summary: 'Show the presented key to its bearer' })
  @Answers({ description: 'The key that was presented', schema: selfAnswer, errors: [401] })
  show(@CurrentKey() key: KeyGrant) {
    return selfView(key);
  }

  @Post('revoke')
  @ForPresentedKey()
  @ApiOperation({
    summary: 'Revoke the presented key: when this returns, nobody accepts it',
    description: 'For whoever finds a token where it should not be. A key that is revoked is not accepted here either: 401.',
  })
  @Answers({ description: 'The key that was presented', schema: enforcedSelfAnswer, errors: [401, 413] })
  async revoke(
    @CurrentKey() key: KeyGrant,
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: revokeSelfBody }) { reason, description }: RevokeSelfBody,
  ) {
    const revocation = { reason, description: description ?? null };
    const { enforced } = await this.ending.revoke(principal, key.keyId, revocation);
    return { metadata: selfView(key), enforced };
  }
}

function selfView(key: KeyGrant) {
  return {
    id: key.keyId,
    name: key.name,
    environment: key.environment,
    scopes: key.scopes,
    products: key.allProducts ? 'all' : key.productIds,
    expiresAt: key.expiresAt,
    rateLimits: [],
    quota: null,
  };
}
