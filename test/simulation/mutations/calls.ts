import { LEASE_TERMS } from '#libs/coherence';
import type { Mutation } from '../mutation.js';
import { notInquired } from './over.js';

/** A call that finds its work done returns at once, while the one that did it waits still, or has died. */
export function alreadyRevoked(): Mutation {
  return { repeatedReturnsAtOnce: true };
}

/** One lease after the commit everybody must have heard: even if nobody was told until then. */
export function deadlineFromCommit(): Mutation {
  return {
    log: 'redis',
    faults: ['stop', 'cut off'],
    inquiries: notInquired,
    enforcement: (enforcement, { process }) => ({
      enforce: (change) =>
        new Promise((resolve, reject) => {
          const ms = LEASE_TERMS.lease + LEASE_TERMS.margin;
          process.after(ms, () => {
            resolve({ verifiers: 0, ms, by: 'lease' });
          });
          enforcement.enforce(change).then(resolve, reject);
        }),
    }),
  };
}
