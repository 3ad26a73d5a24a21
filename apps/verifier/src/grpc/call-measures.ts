import { status } from '@grpc/grpc-js';
import type { DurationTallies, DurationTally, Metrics } from '#libs/observability';

/** Measures calls by method and status. */
export class CallMeasures {
  readonly #durations: DurationTallies<'method' | 'status'>;
  readonly #methods = new Map<string, MethodMeasures>();

  constructor(metrics: Metrics) {
    this.#durations = metrics.tallies({
      name: 'mintmark_grpc_request_duration_seconds',
      help: 'Time from the arrival of a gRPC call to its end.',
      labelNames: ['method', 'status'],
    });
  }

  /** @param path of a method that is served: there are few */
  of(path: string): MethodMeasures {
    let measures = this.#methods.get(path);
    if (measures === undefined) {
      measures = new MethodMeasures((code) => this.#durations.tally({ method: path, status: status[code] }));
      this.#methods.set(path, measures);
    }
    return measures;
  }
}

/** The measures of one method. */
export class MethodMeasures {
  readonly #ofStatus: (DurationTally | undefined)[] = [];

  constructor(private readonly tallyOf: (code: status) => DurationTally) {}

  /** @param ms since the call arrived */
  ended(code: status, ms: number): void {
    (this.#ofStatus[code] ??= this.tallyOf(code)).observe(ms / 1000);
  }
}
