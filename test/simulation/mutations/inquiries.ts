import { LEASE_TERMS, NO_AUDIENCE } from '#libs/coherence';
import type { Mutation } from '../mutation.js';

/** An inquiry is answered without a look at what is remembered: the log will bring the change. */
export function inquiryUnheeded(): Mutation {
  return { log: 'redis', heed: () => undefined };
}

/** Whoever does not answer an inquiry is waited out for a lease, which goes on being renewed by a log that knows of nothing. */
export function inquiryWaitedOut(): Mutation {
  return {
    log: 'redis',
    inquiries: (inquiries, { process }) => {
      let asked = Infinity;
      return {
        publish: async (change) => {
          const published = await inquiries.publish(change);
          asked = Math.min(asked, process.monotonic());
          return published;
        },
        members: async () => {
          const seen = await inquiries.members();
          if (process.monotonic() - asked < LEASE_TERMS.lease + LEASE_TERMS.margin) return seen;
          asked = Infinity;
          return { ...seen, members: [] };
        },
        onProgress: (listener) => {
          inquiries.onProgress(listener);
        },
      };
    },
  };
}

/** An inquiry is answered for the verifier alone. */
export function inquiryGuardsNotAwaited(): Mutation {
  return { log: 'redis', inquiredAudience: () => NO_AUDIENCE };
}
