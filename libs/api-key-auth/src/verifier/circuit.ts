import type { Time } from '#libs/key-domain';
import type { Backoff } from './backoff.js';

/** Failures one after the other, each of something that was sent after the failure before it. */
const FAILURES_TO_OPEN = 3;

/** What a circuit needs of its verifier. */
export interface CircuitEnds {
  /** Asks something that no user waits for; whether it was answered, however. */
  probe(): Promise<boolean>;
  opened(): void;
  closed(): void;
}

/**
 * Keeps questions from a verifier that does not answer. It opens at the third failure in a row, or when something was
 * waited for in vain while nothing else was answered either: a dead verifier costs a request at most one wait. An
 * open one is probed until it answers; no user's question is risked for that.
 */
export class Circuit {
  #open = false;
  #failures = 0;
  #failedAt = -Infinity;
  #answeredAt = -Infinity;
  #cancelProbe: () => void = () => undefined;
  #stopped = false;

  constructor(
    private readonly time: Time,
    private readonly backoff: Backoff,
    private readonly ends: CircuitEnds,
  ) {}

  get isOpen(): boolean {
    return this.#open;
  }

  answered(): void {
    this.#failures = 0;
    this.#answeredAt = this.time.monotonic();
    if (!this.#open) return;
    this.#open = false;
    this.#cancelProbe();
    this.backoff.reset();
    this.ends.closed();
  }

  /**
   * @param sentAt when it was sent, by the monotonic clock: what broke together counts as one failure
   * @param waited whether an answer was waited for in vain
   */
  failed(sentAt: number, waited: boolean): void {
    if (this.#open || sentAt < this.#failedAt) return;
    this.#failedAt = this.time.monotonic();
    this.#failures += 1;
    const silent = waited && this.#answeredAt < sentAt;
    if (!silent && this.#failures < FAILURES_TO_OPEN) return;
    this.#open = true;
    this.#probeLater();
    this.ends.opened();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelProbe();
  }

  #probeLater(): void {
    if (this.#stopped) return;
    this.#cancelProbe = this.time.after(this.backoff.next(), () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const answered = await this.ends.probe();
    if (!this.#open) return;
    if (answered) this.answered();
    else this.#probeLater();
  }
}
