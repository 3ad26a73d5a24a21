import { type DynamicModule, Module } from '@nestjs/common';
import { HealthChecks } from './health/health-checks.js';
import { HealthController } from './health/health.controller.js';
import { Log } from './log/log.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';

export interface ObservabilityOptions {
  /** The label `app` of the metrics. */
  readonly app: string;
  readonly log: Log;
}

/**
 * The log, the metrics and the health checks of an app, injectable everywhere, and the routes `/health/live`,
 * `/health/ready` and `/metrics`. An app that is closed by default opens the two controllers itself.
 */
@Module({})
export class ObservabilityModule {
  static forRoot({ app, log }: ObservabilityOptions): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Metrics, useValue: new Metrics(app) },
        { provide: HealthChecks, useValue: new HealthChecks(log) },
      ],
      exports: [Log, Metrics, HealthChecks],
    };
  }
}
