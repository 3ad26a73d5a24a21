import { type CommittedChange, EnforcementUnconfirmedError, type Time } from '#libs/key-domain';
import type { Published, PublishedLog } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import type { LeaseTerms } from '../terms.js';

export interface PublishingOptions {
  readonly time: Time;
  readonly terms: LeaseTerms;
  /** Told of every failed attempt. */
  readonly onTrouble: (error: unknown) => void;
}

/** Publishes changes again and again, until it succeeds or is given up. */
export class Publishing {
  constructor(
    private readonly log: Pick<PublishedLog, 'publish'>,
    private readonly options: PublishingOptions,
  ) {}

  /**
   * @param deadline by the monotonic clock
   * @throws EnforcementUnconfirmedError when it could not be published by then
   */
  async publish(change: CommittedChange, deadline: number): Promise<Published> {
    const { time, terms, onTrouble } = this.options;
    for (;;) {
      try {
        const limit = Math.min(terms.exchange, deadline - time.monotonic());
        return await withinLimit(time, limit, this.log.publish(change));
      } catch (error) {
        onTrouble(error);
        if (time.monotonic() + terms.retry >= deadline) throw unconfirmed('the change could not be published', error);
        await new Promise<void>((resolve) => time.after(terms.retry, resolve));
      }
    }
  }
}

export function unconfirmed(detail: string, cause?: unknown): EnforcementUnconfirmedError {
  return new EnforcementUnconfirmedError(
    'The change is stored, but whether it is in force everywhere could not be confirmed. Repeat the call to wait again.',
    { detail, cause },
  );
}
