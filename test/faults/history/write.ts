import type { KeyTraits, Trait } from './key-traits.js';

/**
 * One attempt to change one trait of a key. Times are of the run's one monotonic clock, in milliseconds, taken before
 * the request was written and after its answer was read.
 */
export class Write<T extends Trait = Trait> {
  #committedBy = Infinity;
  #inForceSince = Infinity;
  #outcome = 'under way';

  constructor(
    readonly trait: T,
    readonly value: KeyTraits[T],
    readonly what: string,
    readonly sent: number,
  ) {}

  /** It can't come into effect after this. Until then it may, at any time: the process that has it may be stopped. */
  get committedBy(): number {
    return this.#committedBy;
  }

  /** From here on nothing may be judged by what was before it. */
  get inForceSince(): number {
    return this.#inForceSince;
  }

  /** The call has returned: the change is made, and in force. */
  returned(at: number, how: string): void {
    this.#committedBy = at;
    this.#inForceSince = at;
    this.#outcome = how;
  }

  /** The change is made; whether it is in force is not known. */
  unconfirmed(at: number): void {
    this.#committedBy = at;
    this.#outcome = 'unconfirmed';
  }

  /** Nobody knows: the answer was lost, or said that it could not be done. */
  lost(why: string): void {
    this.#outcome = `lost: ${why}`;
  }

  /** It was never made, and never will be. */
  withdraw(): void {
    this.#committedBy = -Infinity;
    this.#outcome = 'not made';
  }

  /** By now it has come into effect, or never will. */
  settle(at: number): void {
    this.#committedBy = Math.min(this.#committedBy, at);
  }

  toString(): string {
    const until = this.#inForceSince === Infinity ? '' : ` in force at ${this.#inForceSince.toFixed(1)}`;
    return `sent at ${this.sent.toFixed(1)}: ${this.what}; ${this.#outcome}${until}`;
  }
}
