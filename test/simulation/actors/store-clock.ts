import { momentOf, type SecretLookup, StoreTime } from '#libs/key-domain';
import type { SimProcess } from '../engine/process.js';

/** Milliseconds between two questions for Postgres' clock where the log does not tell it. */
const ASK_INTERVAL_MS = 1_000;

/** What a verifier knows of Postgres' clock by its look-ups, and by asking for it. */
export class StoreClock {
  readonly time: StoreTime;

  constructor(private readonly process: SimProcess) {
    this.time = new StoreTime(process);
  }

  learningFrom(lookup: SecretLookup): SecretLookup {
    return {
      find: async (digests) => {
        const asked = momentOf(this.process);
        const result = await lookup.find(digests);
        this.time.learn(result.now, asked);
        return result;
      },
    };
  }

  /** Asks now and then. */
  keep(lookup: SecretLookup): void {
    const again = () => {
      this.process.after(ASK_INTERVAL_MS, () => {
        this.keep(lookup);
      });
    };
    this.learningFrom(lookup).find([]).then(again, again);
  }
}
