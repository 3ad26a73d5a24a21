import type { Time } from '#libs/key-domain';
import { Loop } from '../follower/loop.js';
import type { Turns } from '../follower/turns.js';
import type { PublishedLog } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';

export interface LostMembersOptions {
  readonly time: Time;
  readonly terms?: LeaseTerms;
  readonly onTrouble: (error: unknown) => void;
}

/** Milliseconds between two looks. */
const LOOK_MS = 60_000;

/**
 * Forgets members that were lost without a word, by a crash say, so that the next change need not wait a lease for
 * them: those that did not renew theirs for longer than one lasts.
 */
export class LostMembers {
  readonly #loop: Loop;
  readonly #terms: LeaseTerms;

  constructor(
    private readonly log: Pick<PublishedLog, 'members' | 'prune'>,
    private readonly options: LostMembersOptions,
  ) {
    this.#terms = options.terms ?? LEASE_TERMS;
    this.#loop = new Loop(options.time, { turn: (turns) => this.#look(turns), retryMs: LOOK_MS, onTrouble: options.onTrouble });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #look(turns: Turns): Promise<void> {
    const { epoch, members } = await this.#limited(this.log.members());
    await turns.pause(this.#terms.lease + this.#terms.margin);
    for (const member of members) {
      if (turns.stopped) return;
      await this.#limited(this.log.prune(epoch, member));
    }
    await turns.pause(LOOK_MS);
  }

  #limited<T>(work: Promise<T>): Promise<T> {
    return withinLimit(this.options.time, this.#terms.exchange, work);
  }
}
