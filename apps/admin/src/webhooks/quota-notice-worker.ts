import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { QuotaNotices, SYSTEM_TIME } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Lookout } from '../upkeep/lookout.js';

/** Milliseconds between two looks for keys that were used up, and after one that failed. */
const PAUSES = { pauseMs: 5_000, afterFaultMs: 10_000 };
/** Keys that are told of in one transaction: their verifications wait for it. */
const MOST = 200;
/** Milliseconds of the turn of an account, while others wait. */
const TURN_MS = 1_000;

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

  async #look(): Promise<void> {
    let goesOn = true;
    while (goesOn) goesOn = await this.#round();
  }

  /**
   * However much there is to tell of one account, and whatever keeps it from being told, each other one has its turn.
   * @returns whether there may be more to tell of one that had it
   */
  async #round(): Promise<boolean> {
    const hadTurn: string[] = [];
    let isMore = false;
    while (!this.#lookout.isStopped) {
      const accountId = await this.notices.accountToTell(hadTurn);
      if (accountId === null) return isMore;
      hadTurn.push(accountId);
      isMore = (await this.#tell(accountId)) || isMore;
    }
    return false;
  }

  /** @returns whether there may be more to tell of the account now; of one that it failed of there is at the next look */
  async #tell(accountId: string): Promise<boolean> {
    const end = SYSTEM_TIME.monotonic() + TURN_MS;
    try {
      while (!this.#lookout.isStopped && SYSTEM_TIME.monotonic() < end)
        if ((await this.notices.tell(accountId, MOST)) === 0) return false;
      return true;
    } catch (error) {
      this.log.warn({ err: error, accountId }, 'notices of exhausted quotas of an account wait');
      return false;
    }
  }
}
