import type { Time } from '#libs/key-domain';
import { Turns } from '../follower/turns.js';
import { hasConfirmed, type Members, type MemberState, type Published, type PublishedLog } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import type { LeaseTerms } from '../terms.js';
import { Coalesced } from './coalesced.js';

/** Milliseconds between two looks at the members while nothing hints that they have come further. */
const LOOK_INTERVAL_MS = 50;

/**
 * Waits until every member that was there when a change was published has confirmed it, or until the monotonic
 * clock says `deadline`. A member that has vanished since has not confirmed anything.
 * @returns those that had not by then
 */
export type UntilConfirmed = (published: Published, deadline: number) => Promise<readonly MemberState[]>;

/** Watches the members of a log on behalf of everybody who waits for them: one look serves all. */
export class MemberWatch {
  readonly #waiting = new Set<Turns>();
  readonly #look;

  constructor(
    log: PublishedLog,
    private readonly time: Time,
    terms: LeaseTerms,
    private readonly onTrouble: (error: unknown) => void,
  ) {
    this.#look = new Coalesced(() => withinLimit(time, terms.exchange, log.members()));
    log.onProgress(() => {
      for (const turns of this.#waiting) turns.hasten();
    });
  }

  /** Heeds every hint from now until `work` is done: members may confirm before their admin hears that it has published. */
  async during<T>(work: (untilConfirmed: UntilConfirmed) => Promise<T>): Promise<T> {
    const turns = new Turns(this.time);
    this.#waiting.add(turns);
    try {
      return await work((published, deadline) => this.#untilConfirmed(turns, published, deadline));
    } finally {
      this.#waiting.delete(turns);
    }
  }

  async #untilConfirmed(turns: Turns, { epoch, number, members }: Published, deadline: number): Promise<readonly MemberState[]> {
    let missing = members.filter((member) => !hasConfirmed(member, number));
    for (;;) {
      const left = deadline - this.time.monotonic();
      if (missing.length === 0 || left <= 0) return missing;
      await turns.next(Math.min(LOOK_INTERVAL_MS, left));
      const confirmed = await this.#confirmed(epoch, number, deadline);
      missing = missing.filter(({ id }) => !confirmed.has(id));
    }
  }

  async #confirmed(epoch: string, number: number, deadline: number): Promise<ReadonlySet<string>> {
    try {
      const seen = await this.#seenBefore(deadline);
      const there = seen?.epoch === epoch ? seen.members : [];
      return new Set(there.filter((state) => hasConfirmed(state, number)).map(({ id }) => id));
    } catch (error) {
      this.onTrouble(error);
      return new Set();
    }
  }

  /** Null: nothing came before the deadline, after which nothing need be seen. */
  #seenBefore(deadline: number): Promise<Members | null> {
    return new Promise((resolve, reject) => {
      const cancel = this.time.after(deadline - this.time.monotonic(), () => {
        resolve(null);
      });
      this.#look.run().then(resolve, reject).finally(cancel);
    });
  }
}
