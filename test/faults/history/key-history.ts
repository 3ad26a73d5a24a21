import { type KeyTraits, NEW_KEY, type Trait, TRAITS, type Verdict, verdictsOf, type WallSpan } from './key-traits.js';
import { Write } from './write.js';

/** One verification that was answered with a verdict. */
export interface Verification {
  /** Who answered. */
  readonly by: string;
  /** By the run's monotonic clock, in milliseconds: before it was sent, and after the answer was read. */
  readonly sent: number;
  readonly answered: number;
  readonly wall: WallSpan;
  /** What the answer can mean: a guard does not tell every verdict from every other. */
  readonly verdicts: readonly Verdict[];
}

const KEPT_VERIFICATIONS = 100;

/**
 * Everything that was done to a key, and what may be said of it. Traits are judged each by itself: a verdict may mix
 * the old state of one with the new state of another where both are in flux.
 */
export class KeyHistory {
  readonly #writes = new Map<Trait, Write[]>();
  readonly #verifications: Verification[] = [];

  constructor(
    readonly keyId: string,
    /** When the call that issued it had returned. */
    readonly issued: number,
  ) {
    for (const trait of TRAITS) {
      const first = new Write(trait, NEW_KEY[trait], 'issued', issued);
      first.returned(issued, 'issued');
      this.#writes.set(trait, [first]);
    }
  }

  /** Notes a change that is about to be asked for. */
  write<T extends Trait>(trait: T, value: KeyTraits[T], what: string, sent: number): Write<T> {
    const write = new Write(trait, value, what, sent);
    this.#of(trait).push(write);
    return write;
  }

  /** No change that was sent before `sent` can come into effect any more that has not by `at`. */
  settle(sent: number, at: number): void {
    for (const writes of this.#writes.values()) for (const write of writes) if (write.sent < sent) write.settle(at);
  }

  /** What a verification may have been answered, by everything that is known when it has been answered. */
  allowed({ sent, answered, wall }: Omit<Verification, 'verdicts' | 'by'>): ReadonlySet<Verdict> {
    const values = (trait: Trait) => this.#possible(trait, sent, answered);
    let states: Partial<KeyTraits>[] = [{}];
    for (const trait of TRAITS) states = states.flatMap((state) => values(trait).map((value) => ({ ...state, [trait]: value })));
    return new Set(states.flatMap((state) => verdictsOf({ ...NEW_KEY, ...state }, wall)));
  }

  /** Keeps the last verifications, for whoever has to understand a wrong one. */
  remember(verification: Verification): void {
    this.#verifications.push(verification);
    if (this.#verifications.length > KEPT_VERIFICATIONS) this.#verifications.shift();
  }

  /** Everything, in the order in which it was sent. */
  toString(): string {
    const writes = [...this.#writes.values()].flat().map((write) => ({ sent: write.sent, text: write.toString() }));
    const verifications = this.#verifications.map((one) => ({ sent: one.sent, text: told(one) }));
    const lines = [...writes, ...verifications].sort((a, b) => a.sent - b.sent).map(({ text }) => `  ${text}`);
    return [`key ${this.keyId}`, ...new Set(lines)].join('\n');
  }

  /** The values of all writes but those that another one, in force when it was sent, has followed for certain. */
  #possible(trait: Trait, sent: number, answered: number): KeyTraits[Trait][] {
    const writes = this.#of(trait).filter((write) => write.sent <= answered && write.committedBy > -Infinity);
    const inForce = Math.max(...writes.filter((write) => write.inForceSince <= sent).map((write) => write.sent));
    return [...new Set(writes.filter((write) => write.sent >= inForce || write.committedBy > inForce).map(({ value }) => value))];
  }

  #of(trait: Trait): Write[] {
    const writes = this.#writes.get(trait);
    if (writes === undefined) throw new Error(`no trait ${trait}`);
    return writes;
  }
}

function told({ by, sent, answered, verdicts }: Verification): string {
  return `sent at ${sent.toFixed(1)}, answered at ${answered.toFixed(1)} by ${by}: ${verdicts.join(' or ')}`;
}
