import type { ChangeOutbox, Time } from '#libs/key-domain';
import { Loop } from '../follower/loop.js';
import type { Turns } from '../follower/turns.js';
import type { PublishedLog } from '../log/change-log.js';

export interface JournalKeeperOptions {
  readonly time: Time;
  /** Where what was left unpublished goes; null: the journal itself is the log. */
  readonly log: PublishedLog | null;
  readonly onTrouble: (error: unknown) => void;
}

/** Milliseconds that whoever committed a change has to publish it. */
const LEFT_AFTER_MS = 1_000;
/** Milliseconds between two looks. */
const LOOK_MS = 1_000;
/** Milliseconds for which a change stays in the journal: longer than any call that waits for it is repeated. */
const KEPT_MS = 3_600_000;
const TRIM_MS = 60_000;
const AT_ONCE = 100;

/** Publishes what a process that ended had committed and not published, and forgets what is long over. */
export class JournalKeeper {
  readonly #loop: Loop;
  #trimmed = -Infinity;

  constructor(
    private readonly outbox: ChangeOutbox,
    private readonly options: JournalKeeperOptions,
  ) {
    this.#loop = new Loop(options.time, { turn: (turns) => this.#keep(turns), retryMs: LOOK_MS, onTrouble: options.onTrouble });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #keep(turns: Turns): Promise<void> {
    await this.#publishLeft();
    await this.#trim();
    await turns.pause(LOOK_MS);
  }

  async #publishLeft(): Promise<void> {
    const { log } = this.options;
    for (let left = AT_ONCE; log !== null && left === AT_ONCE && !this.#loop.isStopped;) {
      const changes = await this.outbox.unpublished(LEFT_AFTER_MS, AT_ONCE);
      for (const change of changes) await log.publish(change);
      if (changes.length > 0) await this.outbox.markPublished(changes.map(({ place }) => place));
      left = changes.length;
    }
  }

  async #trim(): Promise<void> {
    const now = this.options.time.monotonic();
    if (now - this.#trimmed < TRIM_MS) return;
    while (!this.#loop.isStopped && (await this.outbox.trim(KEPT_MS, this.options.log === null)) > 0);
    this.#trimmed = now;
  }
}
