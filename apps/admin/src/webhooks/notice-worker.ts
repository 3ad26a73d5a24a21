import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { KeyNotices } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Lookout } from '../upkeep/lookout.js';

/** Milliseconds between two looks for an account whose turn it is, and after one that failed. */
const PAUSES = { pauseMs: 5_000, afterFaultMs: 10_000 };
/** Keys that one statement looks at, and milliseconds between two rounds through those of one account. */
const LIMITS = { most: 1_000, everyMs: 600_000 };

/** Has webhooks told of keys that are about to expire or due for rotation. Several admins share the work by turns of accounts. */
@Injectable()
export class NoticeWorker implements BeforeApplicationShutdown {
  readonly #lookout: Lookout;

  constructor(
    @Inject(KeyNotices) private readonly notices: KeyNotices,
    @Inject(Log) log: Log,
  ) {
    this.#lookout = new Lookout(
      () => this.#look(),
      PAUSES,
      (error) => {
        log.warn({ err: error }, 'notices wait: which are due could not be asked for');
      },
    );
  }

  start(): void {
    this.#lookout.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#lookout.stop();
  }

  async #look(): Promise<void> {
    while (!this.#lookout.isStopped && (await this.notices.tellSome(LIMITS)));
  }
}
