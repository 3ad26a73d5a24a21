/**
 * Room for what is held on behalf of accounts. Each may hold as much as is left for all the others: half of it where it
 * is alone, and none can leave a newcomer without any.
 */
export class FairRoom {
  readonly #held = new Map<string, number>();
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Takes one place; false: the account holds its share. */
  take(accountId: string): boolean {
    const held = this.#held.get(accountId) ?? 0;
    if (held >= this.#free) return false;
    this.#held.set(accountId, held + 1);
    this.#free -= 1;
    return true;
  }

  /** Gives back places that were taken. */
  release(accountId: string, places: number): void {
    const left = (this.#held.get(accountId) ?? 0) - places;
    if (left > 0) this.#held.set(accountId, left);
    else this.#held.delete(accountId);
    this.#free += places;
  }
}
