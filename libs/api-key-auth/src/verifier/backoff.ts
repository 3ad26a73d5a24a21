/** How long to wait between attempts, in milliseconds. */
export interface BackoffTerms {
  /** At most before the second attempt. */
  readonly first: number;
  /** At most before any. */
  readonly most: number;
}

/**
 * Waits that double at most and are drawn evenly from what they may be (full jitter), so that a thousand guards
 * that lost the same verifier do not come back to it at once.
 */
export class Backoff {
  #attempts = 0;

  /** @param random from 0 to below 1 */
  constructor(
    private readonly terms: BackoffTerms,
    private readonly random: () => number,
  ) {}

  /** Milliseconds to wait now. */
  next(): number {
    const longest = Math.min(this.terms.most, this.terms.first * 2 ** this.#attempts);
    if (longest < this.terms.most) this.#attempts += 1;
    return longest * this.random();
  }

  reset(): void {
    this.#attempts = 0;
  }
}
