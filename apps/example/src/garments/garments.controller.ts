import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { Cost, ErrorFormat, RequireProduct, RequireScopes } from '#libs/api-key-auth';
import { type Garment, GARMENTS } from './garments.js';

/** An API in Garmint's manner. */
@ErrorFormat('garmint')
@RequireScopes('garments:read')
@Controller('api/v1/garments')
export class GarmentsController {
  @Get()
  list(): { data: readonly Garment[] } {
    return { data: GARMENTS };
  }

  @Get(':productId')
  @RequireProduct('productId')
  @Cost(5)
  one(@Param('productId') productId: string): { data: Garment } {
    const data = GARMENTS.find(({ id }) => id === productId);
    if (data === undefined) throw new NotFoundException();
    return { data };
  }
}
