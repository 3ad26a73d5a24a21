import { Body, Controller, Delete, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { KeyRotation, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { CurrentPrincipal } from '../access/authenticated.js';
import { Answers } from '../openapi/answers.decorator.js';
import { enforcedKeyAnswer } from './key-answers.js';
import { KeyIdPipe } from './key-id.pipe.js';
import { enforcedView, SHOWN_ONCE } from './key-view.js';
import { type RotateKeyBody, rotateKeyBody, rotatedKeyAnswer } from './rotation-schemas.js';
import { SecretIdPipe } from './secret-id.pipe.js';

/** The secrets of the account's keys. */
@ApiTags('keys')
@Controller('api/v1/keys/:id')
export class RotationController {
  constructor(private readonly rotation: KeyRotation) {}

  @Post('rotate')
  @Requires('keys:write')
  @ApiOperation({ summary: 'Give a key another secret: the former one is accepted until its grace period ends' })
  @Answers({
    status: 201,
    description: 'The key, and its new token this once',
    schema: rotatedKeyAnswer,
    errors: [401, 403, 404, 409, 413],
  })
  async rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id', KeyIdPipe) id: string,
    @Body({ schema: rotateKeyBody }) { graceSeconds }: RotateKeyBody,
  ) {
    const { token, previous, ...change } = await this.rotation.rotate(principal, id, graceSeconds);
    const { metadata, enforced } = enforcedView(change);
    return { key: token, metadata, previous, warning: SHOWN_ONCE, enforced };
  }

  @Delete('secrets/:secretId')
  @Requires('keys:write')
  @ApiOperation({ summary: 'End one of two secrets of a key: when this returns, nobody accepts it' })
  @Answers({ description: 'The key', schema: enforcedKeyAnswer, errors: [401, 403, 404, 409] })
  async endSecret(
    @CurrentPrincipal() principal: Principal,
    @Param('id', KeyIdPipe) id: string,
    @Param('secretId', SecretIdPipe) secretId: string,
  ) {
    return enforcedView(await this.rotation.endSecret(principal, id, secretId));
  }
}
