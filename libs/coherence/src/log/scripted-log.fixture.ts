import { type ChangeScope, type CommittedChange, type LoggedChange, UnavailableError } from '#libs/key-domain';
import type { Exchanged, FollowedLog, Joined, Members, MemberState, Progress, Published, PublishedLog } from './change-log.js';
import type { VirtualTime } from './virtual-time.fixture.js';

/** What becomes of one call: milliseconds to the server and back; null: lost on that way. */
export interface Fate {
  readonly there: number | null;
  readonly back: number | null;
}

/** A change log in memory, by the contract of the port; what becomes of each call is for the test to say. */
export class ScriptedLog implements FollowedLog, PublishedLog {
  epoch = 'e1';
  changes: LoggedChange[] = [];
  pageSize = 1_000;
  readonly known = new Map<string, MemberState>();
  /** The epoch that each member joined. */
  readonly epochs = new Map<string, string>();
  /** Exchanges as they were asked for. */
  readonly asked: { readonly at: number; readonly progress: Progress; readonly renew: boolean }[] = [];
  fate: () => Fate = () => ({ there: 1, back: 1 });
  hintDelay: () => number | null = () => 1;
  /** Milliseconds by which Postgres' clock is ahead of true time; null: the log does not tell it. */
  storeMs: number | null = 1_000_000;
  readonly #onPublished: (() => void)[] = [];
  readonly #onProgress: (() => void)[] = [];

  constructor(private readonly truth: VirtualTime) {}

  get head(): number {
    return this.changes.at(-1)?.number ?? this.#base;
  }

  #base = 0;

  /** Commits a change, and hints at it. */
  commit(scope: ChangeScope = { kind: 'all' }, handles: readonly string[] = []): CommittedChange {
    this.changes.push({ number: this.head + 1, scope, handles });
    this.hintPublished();
    return { place: this.head, scope, handles };
  }

  hintPublished(): void {
    this.#hint(this.#onPublished);
  }

  hintProgress(): void {
    this.#hint(this.#onProgress);
  }

  /** Drops all changes up to a number. */
  trim(upTo: number): void {
    this.#base = Math.max(this.#base, Math.min(upTo, this.head));
    this.changes = this.changes.filter(({ number }) => number > upTo);
  }

  /** What a server does that has lost everything: a new life without members. */
  beginEpoch(epoch: string): void {
    this.epoch = epoch;
    this.known.clear();
    this.changes = [];
    this.#base = 0;
  }

  join(id: string): Promise<Joined> {
    return this.#call(() => {
      this.known.set(id, { id, position: this.head, exceptions: [], renewals: 0, staleGuards: 0 });
      this.epochs.set(id, this.epoch);
      return { epoch: this.epoch, position: this.head, storeMs: this.#storeNow() };
    });
  }

  exchange(member: { readonly id: string; readonly epoch: string }, progress: Progress, renew: boolean): Promise<Exchanged> {
    this.asked.push({ at: this.truth.now, progress, renew });
    return this.#call((): Exchanged => {
      const state = this.known.get(member.id);
      const { position } = progress;
      const isThere = position === this.head || this.changes.some(({ number }) => number === position + 1);
      if (state === undefined || member.epoch !== this.epoch || !isThere) return { outcome: 'lost' };
      this.known.set(member.id, { ...state, ...progress, renewals: state.renewals + (renew ? 1 : 0) });
      this.hintProgress();
      const after = this.changes.filter(({ number }) => number > position);
      const changes = after.slice(0, this.pageSize);
      return { outcome: 'current', changes, complete: changes.length === after.length, storeMs: this.#storeNow() };
    });
  }

  leave({ id }: { readonly id: string }): Promise<void> {
    return this.#call(() => void this.known.delete(id));
  }

  onPublished(listener: () => void): void {
    this.#onPublished.push(listener);
  }

  publish({ place }: CommittedChange): Promise<Published> {
    return this.#call(() => ({ ...this.#members(), number: place }));
  }

  members(): Promise<Members> {
    return this.#call(() => this.#members());
  }

  prune(_epoch: string, { id, renewals }: Pick<MemberState, 'id' | 'renewals'>): Promise<void> {
    return this.#call(() => {
      if (this.known.get(id)?.renewals === renewals) this.known.delete(id);
    });
  }

  onProgress(listener: () => void): void {
    this.#onProgress.push(listener);
  }

  #members(): Members {
    return { epoch: this.epoch, members: [...this.known.values()] };
  }

  #storeNow(): number | null {
    return this.storeMs === null ? null : this.storeMs + this.truth.now;
  }

  async #call<T>(atServer: () => T): Promise<T> {
    const { there, back } = this.fate();
    await this.truth.sleep(there ?? LOST_MS);
    if (there === null) throw new UnavailableError('lost on the way there');
    const answer = atServer();
    await this.truth.sleep(back ?? LOST_MS);
    if (back === null) throw new UnavailableError('lost on the way back');
    return answer;
  }

  #hint(listeners: readonly (() => void)[]): void {
    for (const listener of listeners) {
      const delay = this.hintDelay();
      if (delay !== null) this.truth.in(delay, listener);
    }
  }
}

/** Longer than anybody waits. */
const LOST_MS = 20_000;
