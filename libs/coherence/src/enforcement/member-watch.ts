import type { Time } from '#libs/key-domain';
import { Turns } from '../follower/turns.js';
import { hasConfirmed, type Members, type MemberState, type Published, type PublishedLog } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import type { LeaseTerms } from '../terms.js';
import { Coalesced } from './coalesced.js';

/** Milliseconds between two looks at the members while nothing hints that they have come further. */
const LOOK_INTERVAL_MS = 50;

/** What became of a change with the members that were there when it was published. */
export interface Watched {
  /** Those that had not confirmed it by the deadline, as they were then. */
  readonly silent: readonly MemberState[];
  /** Of all of them, as far as they have told. */
  readonly staleGuards: number;
}

/**
 * Waits until every member that was there when a change was published has confirmed it, or until the monotonic
 * clock says `deadline`.
 */
export type UntilConfirmed = (published: Published, deadline: number) => Promise<Watched>;

export interface MemberWatchOptions {
  readonly time: Time;
  readonly terms: LeaseTerms;
  /** What is to be thought of a member that has vanished: whether it can't answer from memory any more. */
  readonly vanishedIsConfirmed: boolean;
  readonly onTrouble: (error: unknown) => void;
}

/** Watches the members of a log on behalf of everybody who waits for them: one look serves all. */
export class MemberWatch {
  readonly #waiting = new Set<Turns>();
  readonly #look;

  constructor(
    log: Pick<PublishedLog, 'members' | 'onProgress'>,
    private readonly options: MemberWatchOptions,
  ) {
    this.#look = new Coalesced(() => withinLimit(options.time, options.terms.exchange, log.members()));
    log.onProgress(() => {
      for (const turns of this.#waiting) turns.hasten();
    });
  }

  /** Heeds every hint from now until `work` is done: members may confirm before their admin hears that it has published. */
  async during<T>(work: (untilConfirmed: UntilConfirmed) => Promise<T>): Promise<T> {
    const turns = new Turns(this.options.time);
    this.#waiting.add(turns);
    try {
      return await work((published, deadline) => this.#untilConfirmed(turns, published, deadline));
    } finally {
      this.#waiting.delete(turns);
    }
  }

  async #untilConfirmed(turns: Turns, { epoch, number, members }: Published, deadline: number): Promise<Watched> {
    const stale = new Map(members.map(({ id, staleGuards }) => [id, staleGuards]));
    let missing = members.filter((member) => !hasConfirmed(member, number));
    for (;;) {
      const left = deadline - this.options.time.monotonic();
      if (missing.length === 0 || left <= 0) return { silent: missing, staleGuards: sumOf(stale.values()) };
      await turns.next(Math.min(LOOK_INTERVAL_MS, left));
      const seen = await this.#seenBefore(deadline).catch(this.options.onTrouble);
      if (seen?.epoch !== epoch) continue;
      missing = missing.filter(({ id }) => this.#isMissing(seen, id, number));
      for (const { id, staleGuards } of seen.members) if (stale.has(id)) stale.set(id, staleGuards);
    }
  }

  #isMissing({ members }: Members, id: string, number: number): boolean {
    const state = members.find((member) => member.id === id);
    return state === undefined ? !this.options.vanishedIsConfirmed : !hasConfirmed(state, number);
  }

  /** Null: nothing came before the deadline, after which nothing need be seen. */
  #seenBefore(deadline: number): Promise<Members | null> {
    return new Promise((resolve, reject) => {
      const { time } = this.options;
      const cancel = time.after(deadline - time.monotonic(), () => {
        resolve(null);
      });
      this.#look.run().then(resolve, reject).finally(cancel);
    });
  }
}

function sumOf(numbers: Iterable<number>): number {
  return [...numbers].reduce((sum, number) => sum + number, 0);
}
