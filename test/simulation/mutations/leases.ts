import { type FollowedLog, LEASE_TERMS } from '#libs/coherence';
import { Lease, momentOf } from '#libs/key-domain';
import type { Mutation, Place } from '../mutation.js';
import { followedLogOver, followerOver } from './over.js';

/** The lease counts from when its answer came: from after a change that the answer does not know. */
export function leaseFromReply(): Mutation {
  const leases = new WeakMap<object, Lease>();
  return {
    log: 'postgres',
    followedLog: (log, { process }) => {
      const lease = new Lease(process);
      leases.set(process, lease);
      return followedLogOver(log, {
        exchange: async (member, progress, renew) => {
          const answer = await log.exchange(member, progress, renew);
          if (renew && answer.outcome === 'current' && answer.complete) {
            lease.extend(momentOf(process), LEASE_TERMS.lease - LEASE_TERMS.margin);
          } else if (answer.outcome === 'lost') lease.end();
          return answer;
        },
      });
    },
    follower: (follower, { process }) =>
      followerOver(follower, {
        mayAnswerFromMemory: () => follower.mayAnswerFromMemory() || (leases.get(process)?.isValid() ?? false),
      }),
  };
}

/** Nobody allows for clocks that are fast or slow. */
export function noMargin(): Mutation {
  return {
    verifierTerms: (terms) => ({ ...terms, margin: 0 }),
    adminTerms: (terms) => ({ ...terms, margin: 0 }),
  };
}

/** Renewals go through while what they ought to bring is left for another reading, whose connection may be half open. */
export function renewedBeforeApplied(): Mutation {
  return {
    followedLog: (log) =>
      followedLogOver(log, {
        exchange: async (member, progress, renew) => {
          const answer = await log.exchange(member, progress, renew);
          return renew && answer.outcome === 'current' ? { ...answer, changes: [], complete: true } : answer;
        },
      }),
  };
}

/** A log that was trimmed says nothing of it: what was dropped seems never to have been. */
export function silentPastTrim(): Mutation {
  return {
    log: 'redis',
    followedLog: (log) => {
      let isJoined = false;
      return followedLogOver(log, {
        join: async (id) => {
          isJoined = true;
          return log.join(id);
        },
        exchange: async (member, progress, renew) => {
          const answer = await log.exchange(member, progress, renew);
          if (answer.outcome === 'current' || !isJoined) return answer;
          return { outcome: 'current', changes: [], complete: true, storeMs: null };
        },
      });
    },
  };
}

/** Whoever has lost its place keeps what it remembers. */
export function keptAfterLoss(): Mutation {
  return {
    follower: (follower) =>
      followerOver(follower, {
        follow: (memory) => {
          follower.follow({
            forget: (change, road) => {
              memory.forget(change, road);
            },
            forgetEverything: () => undefined,
          });
        },
      }),
  };
}

/** A process that is started again, or in the place of another, takes its name. */
export function oldName(): Mutation {
  return {
    memberId: (verifier) => `ver_${verifier}`,
    followedLog: (log, place) => followedLogOver(log, { join: (id) => joinAgain(log, place, id) }),
  };
}

async function joinAgain(log: FollowedLog, { postgres, redis, process }: Place, id: string) {
  if (redis === null) await postgres.logFor(process).leave({ id, epoch: 'postgres' });
  else await redis.forgetMember(process, id);
  return log.join(id);
}

/** Clocks are read once in a while, as caches do that look at the time for a thousand requests at once. */
export function staleClock(): Mutation {
  const READ_INTERVAL_MS = 30;
  return {
    verifierTime: (time) => {
      let now = momentOf(time);
      const read = () => {
        now = momentOf(time);
        time.after(READ_INTERVAL_MS, read);
      };
      read();
      return { monotonic: () => now.monotonic, wall: () => now.wall, after: (ms, work) => time.after(ms, work) };
    },
  };
}
