import { Controller, Get } from '@nestjs/common';
import { Public } from '#libs/api-key-auth';

@Public()
@Controller('health')
export class HealthController {
  /** Alive while it can answer at all. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }
}
