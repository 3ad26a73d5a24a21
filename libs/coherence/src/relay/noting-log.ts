import type { ChangeOutbox, CommittedChange } from '#libs/key-domain';
import type { Members, MemberState, Published, PublishedLog } from '../log/change-log.js';

/** Notes in the outbox what was published, after the fact: whoever waits for a change does not wait for that. */
export class NotingLog implements PublishedLog {
  #unnoted: number[] = [];
  #noting = false;

  constructor(
    private readonly log: PublishedLog,
    private readonly outbox: ChangeOutbox,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  async publish(change: CommittedChange): Promise<Published> {
    const published = await this.log.publish(change);
    this.#unnoted.push(change.place);
    if (!this.#noting) void this.#note();
    return published;
  }

  members(): Promise<Members> {
    return this.log.members();
  }

  prune(epoch: string, member: Pick<MemberState, 'id' | 'renewals'>): Promise<void> {
    return this.log.prune(epoch, member);
  }

  onProgress(listener: () => void): void {
    this.log.onProgress(listener);
  }

  /** One statement at a time. What could not be noted is published once more, by the relay. */
  async #note(): Promise<void> {
    this.#noting = true;
    while (this.#unnoted.length > 0) {
      const places = this.#unnoted;
      this.#unnoted = [];
      await this.outbox.markPublished(places).catch(this.onTrouble);
    }
    this.#noting = false;
  }
}
