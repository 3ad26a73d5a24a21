/** Counts durations of one series, for an addition or two each. */
export class DurationTally {
  readonly #counts: number[];
  #sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** Lines of Prometheus' text format. */
  lines(name: string, labels: string): string[] {
    let count = 0;
    const buckets = this.#counts.map((own, index) => {
      count += own;
      return `${name}_bucket{le="${this.bounds[index] ?? '+Inf'}",${labels}} ${count}`;
    });
    return [...buckets, `${name}_sum{${labels}} ${this.#sum}`, `${name}_count{${labels}} ${count}`];
  }
}

/**
 * A histogram for what happens tens of thousands of times a second: a series is looked up once, and its numbers are
 * written out only when somebody asks. prom-client's own looks its labels up at each observation.
 */
export class DurationTallies<Label extends string> {
  readonly #series = new Map<string, DurationTally>();

  /** @param bounds upper ends of the buckets, ascending, in seconds */
  constructor(
    private readonly description: { readonly name: string; readonly help: string },
    private readonly bounds: readonly number[],
  ) {}

  /** The series with these labels, whose values need no escaping; to be held on to. */
  tally(labels: Readonly<Record<Label, string>>): DurationTally {
    const names = Object.entries<string>(labels).map(([label, value]) => `${label}="${value}"`);
    const text = names.join(',');
    const known = this.#series.get(text);
    if (known !== undefined) return known;
    const made = new DurationTally(this.bounds);
    this.#series.set(text, made);
    return made;
  }

  /** Prometheus' text format. */
  text(app: string): string {
    const { name, help } = this.description;
    const series = [...this.#series].flatMap(([labels, tally]) =>
      tally.lines(name, [`app="${app}"`, labels].filter((text) => text !== '').join(',')),
    );
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...series, ''].join('\n');
  }
}
