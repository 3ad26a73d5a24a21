import type { CommittedChange, Enforced, Enforcement, Time } from '#libs/key-domain';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import type { InquiringEnforcement } from './inquiring-enforcement.js';

/**
 * Enforcement by the log, and by inquiry as well where the log takes long: it may be away, have begun anew, or be out of
 * reach of a verifier that Postgres reaches. Whichever comes first.
 */
export class EitherRoad implements Enforcement {
  constructor(
    private readonly byLog: Enforcement,
    private readonly byInquiry: Pick<InquiringEnforcement, 'enforce'>,
    private readonly time: Time,
    private readonly terms: LeaseTerms = LEASE_TERMS,
  ) {}

  async enforce(change: CommittedChange): Promise<Enforced> {
    const begun = this.time.monotonic();
    const log = this.byLog.enforce(change);
    const inquiry = this.#isLate(log).then((isLate) => (isLate ? this.#inquire(change, begun) : log));
    try {
      const enforced = await Promise.any([log, inquiry]);
      return { ...enforced, ms: Math.round(this.time.monotonic() - begun) };
    } catch {
      return await log;
    }
  }

  #inquire(change: CommittedChange, begun: number): Promise<Enforced> {
    return this.byInquiry.enforce(change, begun + this.terms.lease + this.terms.publication);
  }

  #isLate(log: Promise<Enforced>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.time.after(this.terms.inquiry, () => {
        resolve(true);
      });
      const settled = () => {
        cancel();
        resolve(false);
      };
      log.then(settled, settled);
    });
  }
}
