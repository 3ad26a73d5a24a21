import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** How a metric is told to Prometheus. A label never holds what a caller sent: its values are a closed list. */
export interface MetricDescription<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
}

/** From 0.5 ms to 5 s, in seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The metrics of one app, apart from those of others in the same process. */
export class Metrics {
  readonly #registry = new Registry();

  /** @param app the label `app` of every metric */
  constructor(app: string) {
    this.#registry.setDefaultLabels({ app });
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  counter<Label extends string = never>(description: MetricDescription<Label>): Counter<Label> {
    return new Counter({ labelNames: [], ...description, registers: [this.#registry] });
  }

  /** A histogram of durations in seconds. */
  durations<Label extends string = never>(description: MetricDescription<Label>): Histogram<Label> {
    return new Histogram({ labelNames: [], ...description, buckets: DURATION_BUCKETS, registers: [this.#registry] });
  }

  /** All of them in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
