import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentKey, type KeyGrant } from '#libs/api-key-auth';
import type { Key } from '#libs/key-domain';
import { KeyDirectory, KeyEnding, type KeyPrincipal } from '#libs/lifecycle';
import { ForPresentedKey, ForPresentedKeyEvenRevoked } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { TellsRepetitions } from '../http/idempotency.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { enforcedSelfAnswer, selfAnswer } from './key-answers.js';
import { type RevokeSelfBody, revokeSelfBody } from './key-requests.js';

/** What a key may know of itself, and do to itself. Its routes are matched before `keys/{id}`. */
@ApiTags('keys')
@Controller('api/v1/keys/self')
export class SelfController {
  constructor(
    private readonly directory: KeyDirectory,
    private readonly ending: KeyEnding,
  ) {}

  @Get()
  @ForPresentedKey()
  @ApiOperation({ summary: 'Show the presented key to its bearer' })
  @Answers({ description: 'The key that was presented', schema: selfAnswer, errors: [401, 404, 429] })
  async show(@CurrentKey() { keyId, productIds, allProducts, ...key }: KeyGrant) {
    const { rateLimits, quota } = await this.directory.find(key.accountId, keyId);
    return selfView({ ...key, id: keyId, products: allProducts ? 'all' : productIds, rateLimits, quota });
  }

  @Post('revoke')
  @TellsRepetitions()
  @ForPresentedKeyEvenRevoked()
  @ApiOperation({
    summary: 'Revoke the presented key: when this returns, nobody accepts it',
    description:
      'For whoever finds a token where it should not be. Of a key that is revoked already it changes nothing, and waits again.',
  })
  @Answers({ description: 'The key that was presented', schema: enforcedSelfAnswer, errors: [401, 413] })
  async revoke(
    @CurrentPrincipal() principal: KeyPrincipal,
    @Body({ schema: revokeSelfBody }) { reason, description }: RevokeSelfBody,
  ) {
    const revocation = { reason, description: description ?? null };
    const { key, enforced } = await this.ending.revokeItself(principal, revocation);
    return { metadata: selfView(key), enforced };
  }
}

function selfView({ id, name, environment, scopes, products, expiresAt, rateLimits, quota }: ShownToItself) {
  return { id, name, environment, scopes, products, expiresAt, rateLimits, quota };
}

type ShownToItself = Pick<Key, 'id' | 'name' | 'environment' | 'scopes' | 'products' | 'expiresAt' | 'rateLimits' | 'quota'>;
