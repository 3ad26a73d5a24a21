import type { ChangeScope, Clock } from '#libs/key-domain';
import { GUARD_TERMS } from './guard-terms.js';

/** Something that the guard was told and has not acknowledged. */
export interface Told {
  readonly sequence: number;
  /** When, by the monotonic clock. */
  readonly at: number;
  /** Null: the end of the session. */
  readonly scope: ChangeScope | null;
}

/** What one guard was told and has not acknowledged, in the order in which it was told. */
export class ToldChanges {
  readonly #told: Told[] = [];
  #sequence = 0;
  /** The last thing told by which the guard forgets all that it keeps. */
  #everything = 0;

  constructor(private readonly clock: Clock) {}

  /** That of the last thing told; 0: nothing was. */
  get sequence(): number {
    return this.#sequence;
  }

  get size(): number {
    return this.#told.length;
  }

  /** Whether the guard is yet to say that it has forgotten all that it keeps: whatever it is not told until then goes with that. */
  get owesEverything(): boolean {
    const [oldest] = this.#told;
    return oldest !== undefined && oldest.sequence <= this.#everything;
  }

  /** Whether an acknowledgement has been missing for longer than a guard that reads takes. */
  isLate(): boolean {
    const [oldest] = this.#told;
    return oldest !== undefined && this.clock.monotonic() - oldest.at > GUARD_TERMS.silence;
  }

  /** Notes what is told now; returns its sequence. */
  tell(scope: ChangeScope | null): number {
    this.#sequence += 1;
    this.#told.push({ sequence: this.#sequence, at: this.clock.monotonic(), scope });
    if (scope?.kind !== 'key') this.#everything = this.#sequence;
    return this.#sequence;
  }

  /** What has been applied with everything up to the sequence. */
  acknowledge(sequence: number): readonly Told[] {
    const unknown = this.#told.findIndex((told) => told.sequence > sequence);
    return this.#told.splice(0, unknown === -1 ? this.#told.length : unknown);
  }
}
