import type { ChangeScope, Clock } from '#libs/key-domain';
import { GUARD_CLOCK_RATE, GUARD_TERMS, type GuardBounds } from './guard-terms.js';

/** How long an answer is counted as kept: by then it has run out by the guard's clocks too. */
const HELD_MS = GUARD_TERMS.keep * GUARD_CLOCK_RATE;

export interface Holder {
  readonly accountId: string;
}

interface Holding {
  /** The last thing that the holder had been told when the answer was given. */
  readonly sequence: number;
  /** By the monotonic clock. */
  readonly until: number;
}

interface Held {
  /** By key, the longest held first. */
  readonly keys: Map<string, Holding>;
  /** Set: too many keys to name them, so that everything in the account counts as held. */
  everything: Holding | null;
}

/** Who may hold answers about which keys. When in doubt: everybody asked about holds it. */
export class HolderTable<Who extends Holder> {
  readonly #held = new Map<Who, Held>();
  readonly #holders = new Map<string, Set<Who>>();
  readonly #holdersOfEverything = new Set<Who>();
  #size = 0;

  constructor(
    private readonly clock: Clock,
    private readonly bounds: Pick<GuardBounds, 'keys' | 'keysOfSession'>,
  ) {}

  /** Keys held, one that two hold counted twice. */
  get size(): number {
    return this.#size;
  }

  /** @param sequence the last thing that the holder was told */
  hold(who: Who, keyId: string, sequence: number): void {
    const held = this.#held.get(who) ?? { keys: new Map<string, Holding>(), everything: null };
    this.#held.set(who, held);
    this.tidy(who);
    const holding = { sequence, until: this.clock.monotonic() + HELD_MS };
    this.#remove(who, held, keyId);
    const isFull = held.keys.size >= this.bounds.keysOfSession || this.#size >= this.bounds.keys;
    if (held.everything !== null || isFull) this.#holdEverything(who, held, holding);
    else this.#add(who, held, keyId, holding);
  }

  /** Those who may hold an answer about the key. */
  holdersOf({ keyId, accountId }: { readonly keyId: string; readonly accountId: string }): readonly Who[] {
    const ofEverything = [...this.#holdersOfEverything].filter((who) => who.accountId === accountId);
    return [...(this.#holders.get(keyId) ?? []), ...ofEverything];
  }

  /** What was held of the scope before the holder was told `sequence` is not held any more. */
  release(who: Who, scope: ChangeScope, sequence: number): void {
    const held = this.#held.get(who);
    if (held === undefined) return;
    if (scope.kind === 'key') {
      if ((held.keys.get(scope.keyId)?.sequence ?? Infinity) < sequence) this.#remove(who, held, scope.keyId);
    } else {
      this.#removeWhile(who, held, (holding) => holding.sequence < sequence);
    }
  }

  /** Lets go of what has run out. */
  tidy(who: Who): void {
    const held = this.#held.get(who);
    if (held === undefined) return;
    const now = this.clock.monotonic();
    this.#removeWhile(who, held, ({ until }) => until <= now);
  }

  drop(who: Who): void {
    const held = this.#held.get(who);
    if (held !== undefined) this.#removeWhile(who, held, () => true);
    this.#held.delete(who);
  }

  #add(who: Who, { keys }: Held, keyId: string, holding: Holding): void {
    keys.set(keyId, holding);
    this.#size += 1;
    const holders = this.#holders.get(keyId);
    if (holders === undefined) this.#holders.set(keyId, new Set([who]));
    else holders.add(who);
  }

  #remove(who: Who, { keys }: Held, keyId: string): void {
    if (!keys.delete(keyId)) return;
    this.#size -= 1;
    const holders = this.#holders.get(keyId);
    holders?.delete(who);
    if (holders?.size === 0) this.#holders.delete(keyId);
  }

  /** The longest held first: what was told, and when it runs out, both ascend. */
  #removeWhile(who: Who, held: Held, isOver: (holding: Holding) => boolean): void {
    for (const [keyId, holding] of held.keys) {
      if (!isOver(holding)) break;
      this.#remove(who, held, keyId);
    }
    if (held.everything === null || !isOver(held.everything)) return;
    held.everything = null;
    this.#holdersOfEverything.delete(who);
  }

  #holdEverything(who: Who, held: Held, holding: Holding): void {
    this.#removeWhile(who, held, () => true);
    held.everything = holding;
    this.#holdersOfEverything.add(who);
  }
}
