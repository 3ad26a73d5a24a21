import type { SecretLookupResult } from '#libs/key-domain';
import type { Mutation } from '../mutation.js';
import { Store } from '../model/store.js';
import { ModelJournal } from '../model-log.js';
import { followedLogOver, followerOver } from './over.js';

/** What was read is kept, whatever has changed since the reading began. */
export function filledUnstamped(): Mutation {
  return { follower: (follower) => followerOver(follower, { isUnchangedSince: () => true }) };
}

/** Whoever asks what is being read already waits for that reading, whenever it began. */
export function joinedRead(): Mutation {
  return {
    lookup: (lookup) => {
      const reading = new Map<string, Promise<SecretLookupResult>>();
      return {
        find: (digests) => {
          const name = digests.map((digest) => Buffer.from(digest).toString('hex')).join();
          const found = reading.get(name) ?? lookup.find(digests);
          reading.set(name, found);
          const end = () => {
            reading.delete(name);
          };
          found.then(end, end);
          return found;
        },
      };
    },
  };
}

/** Look-ups go to a replica, which hears of commits a little later. */
export function laggingReplica(): Mutation {
  const LAG_MS = 40;
  let replica: Store | null = null;
  return {
    lookup: (_primary, { postgres, world, process }) => {
      replica ??= replicaOf(postgres.store, (work) => {
        world.scheduler.after(world.now === 0 ? 0 : LAG_MS, work);
      });
      return postgres.lookupFor(process, () => undefined, replica);
    },
  };
}

function replicaOf(store: Store, later: (work: () => void) => void): Store {
  const replica = new Store(new ModelJournal(), () => undefined);
  store.replicate((edit) => {
    later(() => {
      replica.edit(edit);
    });
  });
  return replica;
}

/** Creations do not name what was looked for in vain before. */
export function unnamedNegatives(): Mutation {
  return {
    log: 'postgres',
    followedLog: (log) =>
      followedLogOver(log, {
        exchange: async (member, progress, renew) => {
          const answer = await log.exchange(member, progress, renew);
          if (answer.outcome === 'lost') return answer;
          return { ...answer, changes: answer.changes.map((change) => ({ ...change, handles: [] })) };
        },
      }),
  };
}
