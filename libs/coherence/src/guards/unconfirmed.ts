const NONE: readonly number[] = [];

/** Changes that somebody may still answer without, as one road numbers them. */
export class Unconfirmed {
  /** By the number of the change, in the order in which they became known: how many. */
  readonly #missing = new Map<number, number>();

  /** Ascending. */
  numbers(): readonly number[] {
    return this.#missing.size === 0 ? NONE : [...this.#missing.keys()];
  }

  /** @param number not below any before */
  owe(number: number): void {
    this.#missing.set(number, (this.#missing.get(number) ?? 0) + 1);
  }

  /** Returns whether that was the last who was missing. */
  confirm(number: number): boolean {
    const left = (this.#missing.get(number) ?? 0) - 1;
    if (left > 0) this.#missing.set(number, left);
    return left <= 0 && this.#missing.delete(number);
  }

  clear(): void {
    this.#missing.clear();
  }
}
