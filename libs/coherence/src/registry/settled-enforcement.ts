import type { CommittedChange, Enforced, Enforcement, Time } from '#libs/key-domain';
import { unconfirmed } from '../enforcement/publishing.js';
import { withinLimit } from '../log/time-limit.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import type { RegisteredLog } from './registered-log.js';

/** Waits for a change that met another epoch each time; then nobody can say what the members follow. */
const MOST_WAITS = 3;

/**
 * Lets a wait for leases to run out count only where the epoch is the same at its end. Otherwise the server may have
 * been exchanged for another and back, and members may have renewed at it that never heard of the change: it is
 * published anew.
 */
export class SettledEnforcement implements Enforcement {
  constructor(
    private readonly enforcement: Enforcement,
    private readonly log: RegisteredLog,
    private readonly time: Time,
    private readonly terms: LeaseTerms = LEASE_TERMS,
  ) {}

  async enforce(change: CommittedChange): Promise<Enforced> {
    const begun = this.time.monotonic();
    for (let waits = 0; waits < MOST_WAITS; waits += 1) {
      const enforced = await this.enforcement.enforce(change);
      if (enforced.by === 'acknowledgement' || (await this.#isSettled(change))) {
        return { ...enforced, ms: Math.round(this.time.monotonic() - begun) };
      }
    }
    throw unconfirmed('the change log began anew again and again');
  }

  /** A server that can't be asked has not settled anything: the change is published again, or that fails. */
  async #isSettled(change: CommittedChange): Promise<boolean> {
    const asking = withinLimit(this.time, this.terms.exchange, this.log.members());
    const epoch = await asking.then(
      (seen) => seen.epoch,
      () => null,
    );
    return epoch !== null && epoch === this.log.epochOf(change);
  }
}
