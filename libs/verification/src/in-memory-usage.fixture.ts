import type { UsageBatch, UsageSpan, UsageStore, UsageTotal } from '#libs/key-domain';

/** The port of counted verifications, in memory: it adds each batch once, and can fail before it adds or after. */
export class InMemoryUsage implements UsageStore {
  failure: Error | null = null;
  /** Of whoever was added to, but is not told so. */
  lostAnswer: Error | null = null;
  readonly batches: UsageBatch[] = [];
  readonly #last = new Map<string, number>();

  /** The sum of everything that was added, by `key hour outcome`. */
  get added(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { keyId, hour, outcome, count } of this.batches.flatMap(({ counts }) => counts)) {
      const name = `${keyId} ${hour.toISOString().slice(0, 13)} ${outcome}`;
      sums[name] = (sums[name] ?? 0) + count;
    }
    return sums;
  }

  add(batch: UsageBatch): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if ((this.#last.get(batch.source) ?? 0) < batch.number) {
      this.#last.set(batch.source, batch.number);
      this.batches.push(batch);
    }
    return this.lostAnswer === null ? Promise.resolve() : Promise.reject(this.lostAnswer);
  }

  ofKey(_accountId: string, _keyId: string, _span: UsageSpan): Promise<readonly UsageTotal[] | null> {
    return Promise.reject(new Error('nobody asks here'));
  }

  ofAccount(_accountId: string, _span: UsageSpan): Promise<readonly UsageTotal[]> {
    return Promise.reject(new Error('nobody asks here'));
  }

  prune(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
