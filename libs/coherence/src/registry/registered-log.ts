import { type Clock, type CommittedChange, type Moment, momentOf, mostElapsed, UnavailableError } from '#libs/key-domain';
import { Coalesced } from '../enforcement/coalesced.js';
import type {
  Exchanged,
  FollowedLog,
  Joined,
  Members,
  MemberState,
  Progress,
  Published,
  PublishedLog,
} from '../log/change-log.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import type { MemberRegistry } from './member-registry.js';

/** A log whose server may forget everything and then begins another epoch, without members. */
export interface EpochLog extends FollowedLog, Omit<PublishedLog, 'prune'> {
  /** @returns whether the epoch is the one of the moment and does not know the member (any more) */
  prune(epoch: string, member: Pick<MemberState, 'id' | 'renewals'>): Promise<boolean>;
}

/** The row of the registry that stands for this process. */
export interface Registration {
  readonly id: string;
  /** The last inquiry before it was written. */
  readonly inquiry: number;
}

/** Of a member that the epoch does not know: it can't confirm anything, and may hold a lease of an epoch before. */
const UNKNOWN = { renewals: -1, position: -1, exceptions: [], staleGuards: 0 } as const;

/**
 * Makes a log that may lose its members one that never forgets who may hold a lease: every member is recorded in a
 * registry before it joins. Why each race is harmless stands in docs/adr/0006.
 */
export class RegisteredLog implements FollowedLog, PublishedLog {
  /** When this process' members were last sure of their place, by their ids. Of several only the last is in use. */
  readonly #sure = new Map<string, Moment>();
  readonly #epochs = new WeakMap<CommittedChange, string>();
  readonly #recorded = new Coalesced(() => this.registry.ids());
  #registration: Registration | null = null;

  constructor(
    private readonly log: EpochLog,
    private readonly registry: MemberRegistry,
    private readonly clock: Clock,
    private readonly terms: LeaseTerms = LEASE_TERMS,
  ) {}

  /** Null: this process has never been recorded. */
  get registration(): Registration | null {
    return this.#registration;
  }

  /**
   * Whoever joins has forgotten what it knew under another id. A member that was recorded a lease ago may have been
   * taken for dead, and removed: it is not begun with.
   */
  async join(memberId: string): Promise<Joined> {
    const asked = momentOf(this.clock);
    const former = [...this.#sure.keys()];
    this.#sure.set(memberId, asked);
    this.#registration = { id: memberId, inquiry: await this.registry.record(memberId, former) };
    for (const id of former) this.#sure.delete(id);
    const joined = await this.log.join(memberId);
    if (!this.#isRecent(asked)) {
      throw new UnavailableError('The change log can not be reached at the moment.', { detail: 'joining took too long' });
    }
    return joined;
  }

  /**
   * A place is good for one lease: the server may have been exchanged for another since, which was told of changes,
   * and back.
   */
  async exchange(
    member: { readonly id: string; readonly epoch: string },
    progress: Progress,
    renew: boolean,
  ): Promise<Exchanged> {
    const sure = this.#sure.get(member.id);
    if (sure === undefined || !this.#isRecent(sure)) return { outcome: 'lost' };
    const asked = momentOf(this.clock);
    const answer = await this.log.exchange(member, progress, renew);
    if (answer.outcome === 'current' && this.#sure.has(member.id)) this.#sure.set(member.id, asked);
    return answer;
  }

  /** Whoever is left in one of the two only is waited for once more, and then taken out. */
  async leave(member: { readonly id: string; readonly epoch: string }): Promise<void> {
    this.#sure.delete(member.id);
    const [left, removed] = await Promise.allSettled([this.log.leave(member), this.registry.remove(member.id)]);
    for (const outcome of [left, removed]) if (outcome.status === 'rejected') throw outcome.reason;
  }

  onPublished(listener: () => void): void {
    this.log.onPublished(listener);
  }

  /** The registry is read after the commit; whoever is recorded later reads the store as the change has left it. */
  async publish(change: CommittedChange): Promise<Published> {
    const [published, recorded] = await Promise.all([this.log.publish(change), this.#recorded.run()]);
    this.#epochs.set(change, published.epoch);
    const known = new Set(published.members.map(({ id }) => id));
    const unknown = recorded.filter((id) => !known.has(id)).map((id) => ({ id, ...UNKNOWN }));
    return { ...published, members: [...published.members, ...unknown] };
  }

  /** The epoch in which a change was last published by this process. */
  epochOf(change: CommittedChange): string | undefined {
    return this.#epochs.get(change);
  }

  members(): Promise<Members> {
    return this.log.members();
  }

  async prune(epoch: string, member: Pick<MemberState, 'id' | 'renewals'>): Promise<void> {
    if (await this.log.prune(epoch, member)) await this.registry.remove(member.id);
  }

  onProgress(listener: () => void): void {
    this.log.onProgress(listener);
  }

  #isRecent(moment: Moment): boolean {
    return mostElapsed(this.clock, moment) < this.terms.lease - this.terms.margin;
  }
}
