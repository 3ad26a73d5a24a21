import { type ChangeScope, type CommittedChange, type LoggedChange } from '#libs/key-domain';
import type { Exchanged, Joined, MemberState, Members, Progress, Published } from '#libs/coherence';

/** The journal of changes: what is committed, in order, from 1. */
export class ModelJournal {
  readonly #changes: LoggedChange[] = [];
  #trimmed = 0;

  get head(): number {
    return this.#trimmed + this.#changes.length;
  }

  commit(scope: ChangeScope, handles: readonly string[] = []): CommittedChange {
    const place = this.head + 1;
    this.#changes.push({ number: place, scope, handles });
    return { place, scope, handles };
  }

  /** What follows a position, up to `head`, at most `limit` of it. */
  after(position: number, head: number, limit: number): readonly LoggedChange[] {
    const from = Math.max(0, position - this.#trimmed);
    return this.#changes.slice(from, Math.min(from + limit, head - this.#trimmed));
  }

  /** Drops what lies up to a place. */
  trim(place: number): void {
    const dropped = Math.min(this.#changes.length, Math.max(0, place - this.#trimmed));
    this.#changes.splice(0, dropped);
    this.#trimmed += dropped;
  }
}

export interface PostgresModelOptions {
  /** Postgres' clock, in milliseconds since the Unix epoch. */
  readonly clock: () => number;
  /** The most changes that one exchange brings. */
  readonly changesAtOnce: number;
}

export const MODEL_POSTGRES_EPOCH = 'postgres';

/**
 * The change log on Postgres, as one atomic step for each of its statements (libs/coherence/src/postgres). A
 * statement's snapshot may be older than its commit: what reads the journal takes the head as its snapshot saw it.
 */
export class PostgresModelLog {
  readonly #members = new Map<string, MemberState>();
  /** How to undo what a crash may still lose, the oldest first. */
  #volatile: (() => void)[] = [];

  constructor(
    readonly journal: ModelJournal,
    private readonly options: PostgresModelOptions,
  ) {}

  join(memberId: string, head = this.journal.head): Joined {
    if (this.#members.has(memberId)) throw new Error(`the id ${memberId} was used before`);
    this.#members.set(memberId, { id: memberId, renewals: 0, position: head, exceptions: [], staleGuards: 0 });
    this.#flush();
    return { epoch: MODEL_POSTGRES_EPOCH, position: head, storeMs: this.options.clock() };
  }

  exchange({ id }: { readonly id: string }, progress: Progress, renew: boolean, head = this.journal.head): Exchanged {
    const { position } = progress;
    const member = this.#members.get(id);
    if (member === undefined) return { outcome: 'lost' };
    this.#members.set(id, { id, renewals: member.renewals + (renew ? 1 : 0), ...progress });
    if (renew) this.#flush();
    else this.#volatile.push(() => this.#members.has(id) && this.#members.set(id, member));
    const changes = this.journal.after(position, head, this.options.changesAtOnce);
    const hasGap = head !== position && changes[0]?.number !== position + 1;
    if (hasGap) return { outcome: 'lost' };
    const complete = (changes.at(-1)?.number ?? position) === head;
    return { outcome: 'current', changes, complete, storeMs: this.options.clock() };
  }

  leave({ id }: { readonly id: string }): void {
    this.#members.delete(id);
    this.#flush();
  }

  publish({ place }: CommittedChange): Published {
    return { ...this.members(), number: place };
  }

  members(): Members {
    const members = [...this.#members.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    return { epoch: MODEL_POSTGRES_EPOCH, members };
  }

  prune(_epoch: string, { id, renewals }: Pick<MemberState, 'id' | 'renewals'>): void {
    if (this.#members.get(id)?.renewals === renewals) this.#members.delete(id);
    this.#flush();
  }

  /** A durable commit: nothing that was committed before it can be lost any more. */
  #flush(): void {
    this.#volatile = [];
  }

  /** The server crashes: of the commits that no durable one has followed, the last may be lost. */
  crash(lost: (commits: number) => number): void {
    const undone = this.#volatile.splice(this.#volatile.length - lost(this.#volatile.length));
    for (const undo of undone.reverse()) undo();
    this.#flush();
  }
}
