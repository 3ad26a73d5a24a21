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
 * clock says `deadline`.
 * @returns those that had not by then
 */
export type UntilConfirmed = (published: Published, deadline: number) => Promise<readonly MemberState[]>;

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

  async #untilConfirmed(turns: Turns, { epoch, number, members }: Published, deadline: number): Promise<readonly MemberState[]> {
    let missing = members.filter((member) => !hasConfirmed(member, number));
    for (;;) {
      const left = deadline - this.options.time.monotonic();
      if (missing.length === 0 || left <= 0) return missing;
      await turns.next(Math.min(LOOK_INTERVAL_MS, left));
      const seen = await this.#seenBefore(deadline).catch(this.options.onTrouble);
      if (seen?.epoch === epoch) missing = missing.filter(({ id }) => this.#isMissing(seen, id, number));
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
