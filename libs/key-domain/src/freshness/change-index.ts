import type { ChangeSubject, LoggedChange, ReadStamp } from './logged-change.js';

/** Names that are held at once: some 10 MB. */
export const MAX_INDEXED_NAMES = 100_000;

/**
 * Which change of the log was the last to touch what. It tells whether something that was read a while ago may be
 * kept: only if nothing of its key, its account or all has changed since before the reading began.
 */
export class ChangeIndex {
  /** By name, the least recently changed first. */
  readonly #last = new Map<string, number>();
  #lastOfAll: number;
  #position: number;
  /** Counts changes by whichever road they came, from where the reader of the log began. */
  #applied: number;

  /**
   * @param epoch names this reading of the log, from here to where it breaks off
   * @param reachesBackTo the position from which on it knows every change: where the reader of the log began
   */
  constructor(
    readonly epoch: string,
    private reachesBackTo: number,
    private readonly maxNames: number = MAX_INDEXED_NAMES,
  ) {
    this.#lastOfAll = reachesBackTo;
    this.#position = reachesBackTo;
    this.#applied = reachesBackTo;
  }

  /** The last change of the log that was noted. */
  get position(): number {
    return this.#position;
  }

  get stamp(): ReadStamp {
    return { epoch: this.epoch, position: this.#applied };
  }

  /** @throws Error unless it is the next change of the log */
  note(change: LoggedChange): void {
    if (change.number !== this.#position + 1) throw new Error(`change ${change.number} came after ${this.#position}`);
    this.#position = change.number;
    this.noteAhead(change);
  }

  /** Notes a change that did not come by the log, and may yet. */
  noteAhead({ scope, handles }: Pick<LoggedChange, 'scope' | 'handles'>): void {
    this.#applied += 1;
    const number = this.#applied;
    if (scope.kind === 'all') this.#lastOfAll = number;
    if (scope.kind === 'account') this.#name(accountName(scope.accountId), number);
    if (scope.kind === 'key') this.#name(keyName(scope.keyId), number);
    for (const handle of handles) this.#name(handleName(handle), number);
  }

  /** Whether what was read after the stamp was taken still holds. When in doubt: no. */
  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean {
    const { epoch, position } = stamp;
    if (epoch !== this.epoch || position < this.reachesBackTo || this.#lastOfAll > position) return false;
    return namesOf(subject).every((name) => (this.#last.get(name) ?? -Infinity) <= position);
  }

  #name(name: string, number: number): void {
    this.#last.delete(name);
    this.#last.set(name, number);
    if (this.#last.size <= this.maxNames) return;
    const [oldest] = this.#last;
    if (oldest === undefined) return;
    this.#last.delete(oldest[0]);
    this.reachesBackTo = Math.max(this.reachesBackTo, oldest[1]);
  }
}

function namesOf(subject: ChangeSubject): readonly string[] {
  if ('handles' in subject) return subject.handles.map(handleName);
  if (subject.keyId === undefined) return [accountName(subject.accountId)];
  return [keyName(subject.keyId), accountName(subject.accountId)];
}

function keyName(keyId: string): string {
  return `k${keyId}`;
}

function accountName(accountId: string): string {
  return `a${accountId}`;
}

function handleName(handle: string): string {
  return `h${handle}`;
}
