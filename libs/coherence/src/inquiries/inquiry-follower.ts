import type { LoggedChange, Time } from '#libs/key-domain';
import type { Audience } from '../follower/audience.js';
import { Loop } from '../follower/loop.js';
import type { Turns } from '../follower/turns.js';
import { isSameProgress, type Progress } from '../log/change-log.js';
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
  readonly #loop: Loop;
  readonly #terms: LeaseTerms;
  #place: Place | null = null;
  #told: Progress | null = null;

  constructor(
    private readonly inquiries: HeardInquiries,
    private readonly options: InquiryFollowerOptions,
  ) {
    this.#terms = options.terms ?? LEASE_TERMS;
    this.#loop = new Loop(options.time, {
      turn: (turns) => this.#turn(turns),
      retryMs: this.#terms.retry,
      onTrouble: options.onTrouble,
    });
    inquiries.onPublished(() => {
      this.#loop.hasten();
    });
    options.audience.onConfirmed(() => {
      this.#loop.hasten();
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(turns: Turns): Promise<void> {
    if (!this.#isNews()) await turns.next(LOOK_MS);
    const place = this.#registered();
    if (place === null || turns.stopped) return;
    const progress = this.#progress(place);
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
    this.#told = { position: registration.inquiry, exceptions: [], staleGuards: 0 };
    return this.#place;
  }

  #isNews(): boolean {
    const [place, told] = [this.#registered(), this.#told];
    return place !== null && told !== null && !isSameProgress(told, this.#progress(place));
  }

  #progress({ position }: Place): Progress {
    const { audience } = this.options;
    return { position, exceptions: audience.unconfirmed('inquiry'), staleGuards: audience.staleGuards() };
  }
}
