/** How many of something each has, by name, and how many there are in all. */
export class Tally {
  readonly #of = new Map<string, number>();
  #all = 0;

  get all(): number {
    return this.#all;
  }

  of(name: string): number {
    return this.#of.get(name) ?? 0;
  }

  add(name: string): void {
    this.#of.set(name, this.of(name) + 1);
    this.#all += 1;
  }

  /** Takes away one that was added. Of whoever has none nothing is kept. */
  remove(name: string): void {
    const left = this.of(name) - 1;
    if (left > 0) this.#of.set(name, left);
    else this.#of.delete(name);
    this.#all -= 1;
  }
}
