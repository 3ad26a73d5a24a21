import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { QuotaNotices } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Lookout } from './lookout.js';

/** Milliseconds between two looks for keys that were used up, and after one that failed. */
const PAUSES = { pauseMs: 5_000, afterFaultMs: 10_000 };
/** Keys that are told of in one transaction: their verifications wait for it. */
const MOST = 200;

/** Has webhooks told of keys whose quota is used up. Several admins share the work. */
@Injectable()
export class QuotaNoticeWorker implements BeforeApplicationShutdown {
  readonly #lookout: Lookout;

  constructor(
    @Inject(QuotaNotices) private readonly notices: QuotaNotices,
    @Inject(Log) private readonly log: Log,
  ) {
    this.#lookout = new Lookout(
      () => this.#look(),
      PAUSES,
      (error) => {
        log.warn({ err: error }, 'notices of exhausted quotas wait: which are due could not be asked for');
      },
    );
  }

  start(): void {
    this.#lookout.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#lookout.stop();
  }

  /** Of which account nobody can be told for now keeps no other from being told. */
  async #look(): Promise<void> {
    const passedOver: string[] = [];
    while (!this.#lookout.isStopped) {
      const accountId = await this.notices.accountToTell(passedOver);
      if (accountId === null) return;
      if (!(await this.#tell(accountId))) passedOver.push(accountId);
    }
  }

  /** @returns whether there may be more to tell of the account */
  async #tell(accountId: string): Promise<boolean> {
    try {
      return (await this.notices.tell(accountId, MOST)) > 0;
    } catch (error) {
      this.log.warn({ err: error, accountId }, 'notices of exhausted quotas of an account wait');
      return false;
    }
  }
}
