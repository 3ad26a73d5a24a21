import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { UsageStore } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Lookout } from '../webhooks/lookout.js';

/** Milliseconds between two looks for what is to be forgotten, and after one that failed. */
const PAUSES = { pauseMs: 600_000, afterFaultMs: 60_000 };

/** Forgets usage that has been kept for long enough. Several admins may do so at once. */
@Injectable()
export class UsageUpkeep implements BeforeApplicationShutdown {
  readonly #lookout: Lookout;

  constructor(
    @Inject(UsageStore) private readonly usage: UsageStore,
    @Inject(Log) log: Log,
  ) {
    this.#lookout = new Lookout(
      () => this.#look(),
      PAUSES,
      (error) => {
        log.warn({ err: error }, 'old usage could not be forgotten; it is tried again');
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
    while (!this.#lookout.isStopped && (await this.usage.prune()));
  }
}
