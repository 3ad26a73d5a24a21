import type { CommittedChange, Enforced, Time } from '#libs/key-domain';
import { MemberWatch } from '../enforcement/member-watch.js';
import { Publishing, unconfirmed } from '../enforcement/publishing.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import type { MadeInquiries } from './inquiry-log.js';

export interface InquiringEnforcementOptions {
  readonly time: Time;
  readonly terms?: LeaseTerms;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Enforcement by the answer of every registered verifier. There is nothing to be waited out: whoever does not hear of an
 * inquiry may renew its lease without end. Whoever has vanished from the registry took leave of it without a lease, or
 * was taken out after its last one.
 */
export class InquiringEnforcement {
  readonly #time: Time;
  readonly #publishing: Publishing;
  readonly #watch: MemberWatch;

  constructor(inquiries: MadeInquiries, { time, terms = LEASE_TERMS, onTrouble }: InquiringEnforcementOptions) {
    this.#time = time;
    this.#publishing = new Publishing(inquiries, { time, terms, onTrouble });
    this.#watch = new MemberWatch(inquiries, { time, terms, vanishedIsConfirmed: true, onTrouble });
  }

  /**
   * @param deadline by the monotonic clock
   * @throws EnforcementUnconfirmedError when not everybody has answered by then
   */
  async enforce(change: CommittedChange, deadline: number): Promise<Enforced> {
    const begun = this.#time.monotonic();
    return this.#watch.during(async (untilConfirmed) => {
      const asked = await this.#publishing.publish(change, deadline);
      const { silent, staleGuards } = await untilConfirmed(asked, deadline);
      if (silent.length > 0) throw unconfirmed(`${silent.length} of ${asked.members.length} verifiers did not answer`);
      return {
        verifiers: asked.members.length,
        ms: Math.round(this.#time.monotonic() - begun),
        by: 'acknowledgement',
        ...(staleGuards > 0 && { staleGuards }),
      };
    });
  }
}
