import { collectDefaultMetrics, Counter, type CounterConfiguration, Histogram, Registry } from 'prom-client';
import { DurationTallies } from './duration-tallies.js';

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
  readonly #tallies: DurationTallies<string>[] = [];

  /** @param app the label `app` of every metric */
  constructor(private readonly app: string) {
    this.#registry.setDefaultLabels({ app });
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** @param collect sets it whenever it is asked for, where counting at each event would cost too much */
  counter<Label extends string = never>(
    description: MetricDescription<Label>,
    collect?: NonNullable<CounterConfiguration<Label>['collect']>,
  ): Counter<Label> {
    const collected = collect === undefined ? {} : { collect };
    return new Counter({ labelNames: [], ...description, ...collected, registers: [this.#registry] });
  }

  /** A histogram of durations in seconds. */
  durations<Label extends string = never>(description: MetricDescription<Label>): Histogram<Label> {
    return new Histogram({ labelNames: [], ...description, buckets: DURATION_BUCKETS, registers: [this.#registry] });
  }

  /** A histogram of durations in seconds, for what happens too often for the other one. */
  tallies<Label extends string = never>(description: MetricDescription<Label>): DurationTallies<Label> {
    const tallies = new DurationTallies<Label>(description, DURATION_BUCKETS);
    this.#tallies.push(tallies);
    return tallies;
  }

  /** All of them in Prometheus' text format. */
  async text(): Promise<string> {
    return [await this.#registry.metrics(), ...this.#tallies.map((tallies) => tallies.text(this.app))].join('\n');
  }
}
