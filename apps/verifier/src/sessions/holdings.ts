/** How much each of many holds, and who holds most; a place more or less takes the same time however many they are. */
export class Holdings {
  readonly #counts = new Map<string, number>();
  /** Who holds so many, by that number; none is empty. */
  readonly #holders = new Map<number, Set<string>>();
  #most = 0;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(holder: string): number {
    return this.#counts.get(holder) ?? 0;
  }

  /** One of those who hold most; undefined: nobody holds anything. */
  largest(): string | undefined {
    const [holder] = this.#holders.get(this.#most) ?? [];
    return holder;
  }

  /** Adds one place. */
  add(holder: string): void {
    this.#move(holder, this.of(holder) + 1);
  }

  /** @param places at most as many as are held */
  remove(holder: string, places: number): void {
    this.#move(holder, this.of(holder) - places);
  }

  #move(holder: string, count: number): void {
    const former = this.of(holder);
    const beside = this.#holders.get(former);
    beside?.delete(holder);
    if (beside?.size === 0) this.#holders.delete(former);
    if (count === 0) this.#counts.delete(holder);
    else {
      this.#counts.set(holder, count);
      const others = this.#holders.get(count);
      if (others === undefined) this.#holders.set(count, new Set([holder]));
      else others.add(holder);
    }
    this.#total += count - former;
    this.#most = Math.max(this.#most, count);
    // Each step down was a step up once.
    while (this.#most > 0 && !this.#holders.has(this.#most)) this.#most -= 1;
  }
}
