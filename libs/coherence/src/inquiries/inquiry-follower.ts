import type { LoggedChange, Time } from '#libs/key-domain';
import type { Audience } from '../follower/audience.js';
import { Turns } from '../follower/turns.js';
import type { Progress } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import type { Registration } from '../registry/registered-log.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import type { HeardInquiries } from './inquiry-log.js';

/** Milliseconds between two looks while nothing hints at an inquiry. */
const LOOK_MS = 1_000;

export interface InquiryFollowerOptions {
  readonly time: Time;
  readonly terms?: LeaseTerms;
  readonly audience: Audience;
  /** Applies a change to everything that this process remembers. */
  readonly heed: (inquiry: LoggedChange) => void;
  /** The row of the registry that this process answers for; null: there is none yet. */
  readonly registration: () => Registration | null;
  readonly onTrouble: (error: unknown) => void;
}

/** How far this process has answered under one registration. */
interface Place {
  readonly id: string;
  readonly position: number;
}

/**
 * Answers what admins ask by way of Postgres: applies the change at once, whether or not the log has brought it, and
 * says so once no guard can answer without it either. Whoever can't be asked does not answer; its lease goes on.
 */
export class InquiryFollower {
  readonly #turns: Turns;
  readonly #terms: LeaseTerms;
  #place: Place | null = null;
  #told: Progress | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly inquiries: HeardInquiries,
    private readonly options: InquiryFollowerOptions,
  ) {
    this.#turns = new Turns(options.time);
    this.#terms = options.terms ?? LEASE_TERMS;
    inquiries.onPublished(() => {
      this.#turns.hasten();
    });
    options.audience.onConfirmed(() => {
      this.#turns.hasten();
    });
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
      try {
        await this.#turn();
      } catch (error) {
        this.options.onTrouble(error);
        await this.#turns.pause(this.#terms.retry);
      }
    }
  }

  async #turn(): Promise<void> {
    if (!this.#isNews()) await this.#turns.next(LOOK_MS);
    const place = this.#registered();
    if (place === null || this.#turns.stopped) return;
    const progress = { position: place.position, exceptions: this.#unanswered() };
    const isNews = this.#isNews();
    const asking = this.inquiries.exchange(place.id, progress, isNews);
    const { inquiries, position } = await withinLimit(this.options.time, this.#terms.exchange, asking);
    if (isNews) this.#told = progress;
    for (const inquiry of inquiries) this.options.heed(inquiry);
    this.#place = { id: place.id, position };
  }

  /** Under a new row it answers what was asked since that was written: before, it had forgotten everything. */
  #registered(): Place | null {
    const registration = this.options.registration();
    if (registration === null || registration.id === this.#place?.id) return this.#place;
    this.#place = { id: registration.id, position: registration.inquiry };
    this.#told = { position: registration.inquiry, exceptions: [] };
    return this.#place;
  }

  #isNews(): boolean {
    const [place, told] = [this.#registered(), this.#told];
    if (place === null || told === null) return false;
    const unanswered = this.#unanswered();
    if (told.position !== place.position || told.exceptions.length !== unanswered.length) return true;
    return unanswered.some((number, index) => told.exceptions[index] !== number);
  }

  #unanswered(): readonly number[] {
    return this.options.audience.unconfirmed('inquiry');
  }
}
