/** What was written to a stream and has not left: streams count messages, whatever they weigh. */
export class StreamBacklog {
  readonly #weights: number[] = [];

  /** @param weight of a message that was written now, in bytes */
  note(weight: number): void {
    this.#weights.push(weight);
  }

  /** @param waiting messages that have not left yet: those that were written last */
  bytes(waiting: number): number {
    this.#weights.splice(0, this.#weights.length - waiting);
    return this.#weights.reduce((sum, weight) => sum + weight, 0);
  }
}
