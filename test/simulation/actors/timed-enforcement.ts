import { LEASE_TERMS, type PublishedLog } from '#libs/coherence';
import type { CommittedChange, Enforced, Enforcement } from '#libs/key-domain';
import type { SimProcess } from '../engine/process.js';
import { Violation } from '../history.js';
import type { World } from '../world.js';

/** Timers are late, and messages are on their way: milliseconds. */
const TOLERANCE_MS = 25;

/** How often a call waits whose log begins anew each time (libs/coherence/src/registry). */
const MOST_WAITS = 3;

/** A log that notes when changes were published, by its process' monotonic clock. */
export class Publications implements PublishedLog {
  readonly #at = new Map<number, number>();
  readonly members: PublishedLog['members'];
  readonly prune: PublishedLog['prune'];
  readonly onProgress: PublishedLog['onProgress'];

  constructor(
    private readonly log: PublishedLog,
    private readonly process: SimProcess,
  ) {
    this.members = () => log.members();
    this.prune = (epoch, member) => log.prune(epoch, member);
    this.onProgress = (listener) => {
      log.onProgress(listener);
    };
  }

  async publish(change: CommittedChange) {
    const published = await this.log.publish(change);
    this.#at.set(change.place, monotonicNow(this.process));
    return published;
  }

  /** Null: not since then. */
  since(begun: number, { place }: CommittedChange): number | null {
    const at = this.#at.get(place) ?? -Infinity;
    return at < begun ? null : at;
  }
}

/** Holds every call against G2: it ends in time, whatever happens to others, unless its own process is stopped. */
export class TimedEnforcement implements Enforcement {
  constructor(
    private readonly enforcement: Enforcement,
    private readonly publications: Publications,
    private readonly of: {
      readonly world: World;
      readonly process: SimProcess;
      /** Whether it looks at the log's epoch afterwards, and may have to begin anew. */
      readonly isSettled: boolean;
    },
  ) {}

  async enforce(change: CommittedChange): Promise<Enforced> {
    const [begun, stops] = [monotonicNow(this.of.process), this.of.process.stops];
    const { lease, margin, publication, exchange } = LEASE_TERMS;
    const [looking, most] = this.of.isSettled ? [exchange, MOST_WAITS] : [0, 1];
    try {
      const enforced = await this.enforcement.enforce(change);
      const published = this.publications.since(begun, change);
      // Members whose leases have run out may be forgotten within one more margin. What was never published was inquired about.
      const bound = published === null ? begun + lease + publication : published + lease + margin + margin + looking;
      if (stops === this.of.process.stops) this.#expectBefore(bound, change);
      return enforced;
    } catch (error) {
      if (stops === this.of.process.stops)
        this.#expectBefore(begun + most * (lease + publication) + (most - 1) * (lease + margin + margin + looking), change);
      throw error;
    }
  }

  #expectBefore(bound: number, { place }: CommittedChange): void {
    const late = monotonicNow(this.of.process) - bound;
    if (late > TOLERANCE_MS)
      this.of.world.fail(new Violation('G2', `the call for change ${place} ended ${late.toFixed(0)} ms late`));
  }
}

/** Looks at the clock without a chance to be stopped meanwhile. */
function monotonicNow({ machine, now }: SimProcess): number {
  return machine.monotonicAt(now);
}
