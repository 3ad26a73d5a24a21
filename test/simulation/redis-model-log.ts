import type { Exchanged, Joined, Members, MemberState, Progress, Published } from '#libs/coherence';
import type { CommittedChange, LoggedChange } from '#libs/key-domain';

export interface RedisModelOptions {
  /** Changes that the stream holds; the oldest go first. */
  readonly changesHeld: number;
  /** The most changes that one exchange brings. */
  readonly changesAtOnce: number;
}

/**
 * The change log on Redis, as one atomic step for each of its scripts (libs/coherence/src/redis), without the registry
 * of members in Postgres. A randomized conformance test holds it to the real server.
 */
export class RedisModelLog {
  #changes: LoggedChange[] = [];
  readonly #members = new Map<string, MemberState>();
  #head = 0;

  constructor(
    private epoch: string,
    private readonly options: RedisModelOptions,
  ) {}

  join(id: string): Joined {
    if (this.#members.has(id)) throw new Error(`the id ${id} was used before`);
    this.#members.set(id, { id, renewals: 0, position: this.#head, exceptions: [], staleGuards: 0 });
    return { epoch: this.epoch, position: this.#head, storeMs: null };
  }

  exchange({ id, epoch }: { readonly id: string; readonly epoch: string }, progress: Progress, renew: boolean): Exchanged {
    const member = this.#members.get(id);
    if (epoch !== this.epoch || member === undefined) return { outcome: 'lost' };
    this.#members.set(id, { id, renewals: member.renewals + (renew ? 1 : 0), ...progress });
    const changes = this.#changes.filter(({ number }) => number > progress.position).slice(0, this.options.changesAtOnce);
    if (progress.position !== this.#head && changes[0]?.number !== progress.position + 1) return { outcome: 'lost' };
    const complete = (changes.at(-1)?.number ?? progress.position) === this.#head;
    return { outcome: 'current', changes, complete, storeMs: null };
  }

  leave({ id, epoch }: { readonly id: string; readonly epoch: string }): void {
    if (epoch === this.epoch) this.#members.delete(id);
  }

  publish({ scope, handles }: Pick<CommittedChange, 'scope' | 'handles'>): Published {
    this.#head += 1;
    this.#changes.push({ number: this.#head, scope, handles });
    if (this.#changes.length > this.options.changesHeld) this.#changes.shift();
    return { ...this.members(), number: this.#head };
  }

  members(): Members {
    return { epoch: this.epoch, members: [...this.#members.values()] };
  }

  /** @returns whether this epoch is the named one and does not know the member any more */
  prune(epoch: string, { id, renewals }: Pick<MemberState, 'id' | 'renewals'>): boolean {
    if (epoch !== this.epoch) return false;
    if (this.#members.get(id)?.renewals === renewals) this.#members.delete(id);
    return !this.#members.has(id);
  }

  forgetChanges(upTo: number): void {
    this.#changes = this.#changes.filter(({ number }) => number > upTo);
  }

  /** A restart, FLUSHALL, an eviction, another server: another epoch, without members. */
  startOver(epoch: string): void {
    this.epoch = epoch;
    this.#changes = [];
    this.#members.clear();
    this.#head = 0;
  }
}
