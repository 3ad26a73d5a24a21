import type { Inquired, MemberState, Members, Progress, Published } from '#libs/coherence';
import type { CommittedChange, LoggedChange } from '#libs/key-domain';

/**
 * The registry of members in Postgres, and the inquiries that they answer, as one atomic step for each of their
 * statements (libs/coherence/src/registry and inquiries). A randomized conformance test holds it to the real server.
 */
export class RegistryModel {
  readonly #members = new Map<string, MemberState>();
  readonly #inquiries: LoggedChange[] = [];
  readonly #numbers = new Map<number, number>();

  record(id: string, former: readonly string[]): number {
    for (const one of former) this.#members.delete(one);
    this.#members.set(id, { id, renewals: 0, position: this.head, exceptions: [], staleGuards: 0 });
    return this.head;
  }

  remove(id: string): void {
    this.#members.delete(id);
  }

  ids(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** Asks about a change; once asked about, it keeps its number. */
  publish({ place, scope, handles }: CommittedChange): Published {
    const known = this.#numbers.get(place);
    const number = known ?? this.head + 1;
    if (known === undefined) this.#inquiries.push({ number, scope, handles });
    this.#numbers.set(place, number);
    return { ...this.members(), number };
  }

  members(): Members {
    const members = [...this.#members.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    return { epoch: 'inquiries', members };
  }

  /** @param head the last inquiry that the statement's snapshot saw */
  exchange(id: string, progress: Progress, isNews: boolean, head = this.head): Inquired {
    const member = this.#members.get(id);
    if (isNews && member !== undefined) this.#members.set(id, { ...member, ...progress });
    return { inquiries: this.#inquiries.slice(progress.position, head), position: head };
  }

  /** The last inquiry. */
  get head(): number {
    return this.#inquiries.length;
  }
}
