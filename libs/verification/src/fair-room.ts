/**
 * Room for what is held on behalf of accounts, for a short time. Each may hold as much as is left for all the others: half of it where
 * it is alone. None alone leaves a newcomer without any; a dozen and more that are as busy at once may, until places are given back.
 */
export class FairRoom {
  readonly #held = new Map<string, number>();
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Takes as many places, or none; false: the account would hold more than its share. */
  take(accountId: string, places = 1): boolean {
    const held = (this.#held.get(accountId) ?? 0) + places;
    const free = this.#free - places;
    if (held > free + 1) return false;
    this.#held.set(accountId, held);
    this.#free = free;
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
