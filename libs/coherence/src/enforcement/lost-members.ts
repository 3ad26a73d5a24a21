import type { Time } from '#libs/key-domain';
import { Turns } from '../follower/turns.js';
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
  readonly #turns: Turns;
  readonly #terms: LeaseTerms;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: Pick<PublishedLog, 'members' | 'prune'>,
    private readonly options: LostMembersOptions,
  ) {
    this.#turns = new Turns(options.time);
    this.#terms = options.terms ?? LEASE_TERMS;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#turns.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#turns.stopped) {
      await this.#look().catch(this.options.onTrouble);
      await this.#turns.pause(LOOK_MS);
    }
  }

  async #look(): Promise<void> {
    const { epoch, members } = await this.#limited(this.log.members());
    await this.#turns.pause(this.#terms.lease + this.#terms.margin);
    for (const member of members) {
      if (this.#turns.stopped) return;
      await this.#limited(this.log.prune(epoch, member));
    }
  }

  #limited<T>(work: Promise<T>): Promise<T> {
    return withinLimit(this.options.time, this.#terms.exchange, work);
  }
}
