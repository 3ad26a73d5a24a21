import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentKey, type KeyGrant } from '#libs/api-key-auth';
import { ForPresentedKey } from '../access/access.decorators.js';
import { Answers } from '../openapi/answers.decorator.js';
import { selfAnswer } from './key-answers.js';

/** What a key may know of itself. Its routes are matched before `keys/{id}`. */
@ApiTags('keys')
@Controller('api/v1/keys/self')
export class SelfController {
  @Get()
  @ForPresentedKey()
  @ApiOperation({ summary: 'Show the presented key to its bearer' })
  @Answers({ description: 'The key that was presented', schema: selfAnswer, errors: [401] })
  show(@CurrentKey() key: KeyGrant) {
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
}
