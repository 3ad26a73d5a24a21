import type { CommittedChange, Enforced, Enforcement, Time } from '#libs/key-domain';
import type { MemberState, PublishedLog } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import { MemberWatch } from './member-watch.js';
import { Publishing } from './publishing.js';

export interface EnforcementOptions {
  readonly time: Time;
  readonly terms?: LeaseTerms;
  /** Told of every failed step; what can be repeated is. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Enforcement by a log: publishes the change, then waits until every member has confirmed it, or until the leases
 * that were granted without it have run out. Only a published change is waited out: a lease is renewed without end
 * by a member that never hears of the change.
 */
export class LogEnforcement implements Enforcement {
  readonly #time: Time;
  readonly #terms: LeaseTerms;
  readonly #publishing: Publishing;
  readonly #watch: MemberWatch;

  constructor(
    private readonly log: PublishedLog,
    private readonly options: EnforcementOptions,
  ) {
    this.#time = options.time;
    this.#terms = options.terms ?? LEASE_TERMS;
    this.#publishing = new Publishing(log, { time: this.#time, terms: this.#terms, onTrouble: (error) => this.#trouble(error) });
    this.#watch = new MemberWatch(log, {
      time: this.#time,
      terms: this.#terms,
      vanishedIsConfirmed: false,
      onTrouble: (error) => this.#trouble(error),
    });
  }

  async enforce(change: CommittedChange): Promise<Enforced> {
    const begun = this.#time.monotonic();
    const { published, silent, staleGuards } = await this.#watch.during(async (untilConfirmed) => {
      const published = await this.#publishing.publish(change, begun + this.#terms.lease + this.#terms.publication);
      const deadline = this.#time.monotonic() + this.#terms.lease + this.#terms.margin;
      return { published, ...(await untilConfirmed(published, deadline)) };
    });
    if (silent.length > 0) await this.#forget(published.epoch, silent);
    return {
      verifiers: published.members.length,
      ms: Math.round(this.#time.monotonic() - begun),
      by: silent.length > 0 ? 'lease' : 'acknowledgement',
      ...(staleGuards > 0 && { staleGuards }),
    };
  }

  /** So that the next change need not wait for them; this one, which is in force, waits no longer for that than a moment. */
  async #forget(epoch: string, silent: readonly MemberState[]): Promise<void> {
    await Promise.race([this.#prune(epoch, silent), this.#pause(this.#terms.margin)]);
  }

  /** Seen a longest lease ago: one whose lease has not been renewed since holds none, and one whose lease has stays. */
  async #prune(epoch: string, silent: readonly MemberState[]): Promise<void> {
    await Promise.all(
      silent.map((member) =>
        withinLimit(this.#time, this.#terms.exchange, this.log.prune(epoch, member)).catch((error: unknown) => {
          this.#trouble(error);
        }),
      ),
    );
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#time.after(ms, resolve));
  }

  #trouble(error: unknown): void {
    this.options.onTrouble?.(error);
  }
}
