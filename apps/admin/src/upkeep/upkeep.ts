import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { StorageUpkeep, UsageStore, WebhookOutbox } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Lookout } from './lookout.js';

/** Milliseconds between two looks for what is to be forgotten, and after one that failed. */
const PAUSES = { pauseMs: 600_000, afterFaultMs: 60_000 };
/** The same of looks at how much there is: lists are slow until then, where a large import has just begun. */
const STOCK_PAUSES = { pauseMs: 2_000, afterFaultMs: 60_000 };
/** Milliseconds for which deliveries that are over are kept. */
const DELIVERIES_KEPT_MS = 30 * 86_400_000;

/**
 * Forgets what has been kept for long enough, and keeps the store quick, beside all other work, however much it is. Several admins may do
 * so at once.
 */
@Injectable()
export class Upkeep implements BeforeApplicationShutdown {
  readonly #lookouts: readonly Lookout[];

  constructor(
    @Inject(UsageStore) usage: UsageStore,
    @Inject(WebhookOutbox) outbox: WebhookOutbox,
    @Inject(StorageUpkeep) storage: StorageUpkeep,
    @Inject(Log) log: Log,
  ) {
    const forget = (what: string, some: () => Promise<boolean>) => {
      const lookout: Lookout = new Lookout(
        async () => {
          while (!lookout.isStopped && (await some()));
        },
        PAUSES,
        (error) => {
          log.warn({ err: error }, `old ${what} could not be forgotten; it is tried again`);
        },
      );
      return lookout;
    };
    this.#lookouts = [
      forget('usage', () => usage.prune()),
      forget('deliveries', async () => (await outbox.trim(DELIVERIES_KEPT_MS)) > 0),
      new Lookout(
        () => storage.takeStock(),
        STOCK_PAUSES,
        (error) => {
          log.warn({ err: error }, 'the store could not look at how much it holds; it is tried again');
        },
      ),
    ];
  }

  start(): void {
    for (const lookout of this.#lookouts) lookout.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#lookouts.map((lookout) => lookout.stop()));
  }
}
