import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { HealthChecks, type HealthReport } from './health-checks.js';

/** All of a platform's response that is needed here. */
interface StatusResponse {
  status(code: number): unknown;
}

/** Tells an orchestrator whether the process lives, and whether requests may be sent to it. Open to everybody. */
@Controller('health')
export class HealthController {
  constructor(private readonly checks: HealthChecks) {}

  /** Alive while it can answer at all; it asks nothing of anything else, so that no outage elsewhere restarts it. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: StatusResponse): Promise<HealthReport> {
    const report = await this.checks.report();
    response.status(report.status === 'unavailable' ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.OK);
    return report;
  }
}
