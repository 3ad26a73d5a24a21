import { Controller, Get, Res } from '@nestjs/common';
import { Metrics } from './metrics.js';

/** All of a platform's response that is needed here. */
interface HeaderResponse {
  setHeader(name: string, value: string): unknown;
}

/** What Prometheus scrapes. Open to everybody who reaches the port: no metric holds a secret or a name of a customer. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  async text(@Res({ passthrough: true }) response: HeaderResponse): Promise<string> {
    response.setHeader('Content-Type', this.metrics.contentType);
    return this.metrics.text();
  }
}
