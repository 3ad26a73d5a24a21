import { LEASE_TERMS, type Published } from '#libs/coherence';
import type { Mutation } from '../mutation.js';
import { followedLogOver, notInquired, publishedLogOver } from './over.js';

/** What could not be published is waited out: members renew their leases without end and never hear of it. */
export function waitedUnpublished(): Mutation {
  return {
    log: 'redis',
    epochIsNotLookedAt: true,
    inquiries: notInquired,
    publishedLog: (log, { world }) =>
      publishedLogOver(log, {
        publish: (change) =>
          log.publish(change).catch((): Published => {
            const unknown = { id: 'whoever it is', renewals: -1, position: -1, exceptions: [], staleGuards: 0 };
            world.trace('mutation', () => `change ${change.place} is not published`);
            return { epoch: 'none', number: Infinity, members: [unknown] };
          }),
        members: () => log.members().catch(() => ({ epoch: 'none', members: [] })),
      }),
  };
}

/** A member that has been silent for less than a lease is taken for dead. */
export function forgottenTooEarly(): Mutation {
  return { adminTerms: (terms) => ({ ...terms, lease: terms.lease / 2 }) };
}

/** A member is forgotten although it has renewed its lease since. */
export function prunedThoughRenewed(): Mutation {
  return {
    publishedLog: (log) =>
      publishedLogOver(log, {
        prune: async (epoch, member) => {
          const { members } = await log.members();
          await log.prune(epoch, members.find(({ id }) => id === member.id) ?? member);
        },
      }),
  };
}

/** Members are forgotten by the wall clock of the log's server. */
export function wallClockExpiry(): Mutation {
  const renewedAt = new Map<string, number>();
  return {
    log: 'postgres',
    followedLog: (log, { postgres, world }) =>
      followedLogOver(log, {
        exchange: async (member, progress, renew) => {
          const answer = await log.exchange(member, progress, renew);
          if (renew) renewedAt.set(member.id, postgres.machine.wallAt(world.now));
          return answer;
        },
      }),
    publishedLog: (log, { postgres, world }) =>
      publishedLogOver(log, {
        publish: async (change) => {
          const published = await log.publish(change);
          const oldest = postgres.machine.wallAt(world.now) - LEASE_TERMS.lease - LEASE_TERMS.margin;
          const isThere = ({ id }: { readonly id: string }) => (renewedAt.get(id) ?? Infinity) >= oldest;
          return { ...published, members: published.members.filter(isThere) };
        },
      }),
  };
}

/** Nobody but the log's server knows who may hold a lease. */
export function lostWithTheEpoch(): Mutation {
  return {
    log: 'redis',
    registry: (registry) => ({
      record: (id, former) => registry.record(id, former),
      remove: (id) => registry.remove(id),
      ids: () => Promise.resolve([]),
    }),
  };
}

/** Whoever is not a member of the present epoch has confirmed everything. */
export function confirmationsAcrossEpochs(): Mutation {
  return {
    log: 'redis',
    publishedLog: (log) => {
      const seen = new Set<string>();
      let epoch = '';
      const known = (members: Published['members']) => {
        for (const { id } of members) seen.add(id);
        return members;
      };
      return publishedLogOver(log, {
        publish: async (change) => {
          const published = await log.publish(change);
          epoch = published.epoch;
          return { ...published, epoch: 'any', members: known(published.members) };
        },
        members: async () => {
          const { members } = await log.members();
          const present = new Set(members.map(({ id }) => id));
          const absent = [...seen].filter((id) => !present.has(id));
          return {
            epoch: 'any',
            members: [
              ...members,
              ...absent.map((id) => ({ id, renewals: 0, position: Infinity, exceptions: [], staleGuards: 0 })),
            ],
          };
        },
        prune: (_any, member) => log.prune(epoch, member),
      });
    },
  };
}

/** A wait for leases to run out counts although another server was in between, which alone heard of the change. */
export function epochNotLookedAt(): Mutation {
  return { log: 'redis', epochIsNotLookedAt: true, inquiries: notInquired };
}

/** A place in the log is good for ever: the server may have been exchanged for another since, and back. */
export function swappedThereAndBack(): Mutation {
  return {
    log: 'redis',
    faults: ['exchange the log'],
    isAskedLate: true,
    inquiries: notInquired,
    registryClock: () => ({ monotonic: () => 0, wall: () => 0 }),
  };
}
