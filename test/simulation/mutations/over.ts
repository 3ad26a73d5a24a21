import type { FollowedLog, MadeInquiries, PublishedLog } from '#libs/coherence';
import { type ChangeFollower, UnavailableError } from '#libs/key-domain';

/** A port as it is, but for some of its calls. */
export function followedLogOver(log: FollowedLog, calls: Partial<FollowedLog>): FollowedLog {
  return {
    join: (id) => log.join(id),
    exchange: (member, progress, renew) => log.exchange(member, progress, renew),
    leave: (member) => log.leave(member),
    onPublished: (listener) => {
      log.onPublished(listener);
    },
    ...calls,
  };
}

export function publishedLogOver(log: PublishedLog, calls: Partial<PublishedLog>): PublishedLog {
  return {
    publish: (change) => log.publish(change),
    members: () => log.members(),
    prune: (epoch, member) => log.prune(epoch, member),
    onProgress: (listener) => {
      log.onProgress(listener);
    },
    ...calls,
  };
}

export function followerOver(follower: ChangeFollower, calls: Partial<ChangeFollower>): ChangeFollower {
  return {
    stamp: () => follower.stamp(),
    mayAnswerFromMemory: () => follower.mayAnswerFromMemory(),
    isUnchangedSince: (stamp, subject) => follower.isUnchangedSince(stamp, subject),
    storeTime: () => follower.storeTime(),
    follow: (memory) => {
      follower.follow(memory);
    },
    ...calls,
  };
}

/** As if there were no way round the log: an inquiry often saves a call from what the log did wrong. */
export function notInquired(inquiries: MadeInquiries): MadeInquiries {
  return { ...inquiries, publish: () => Promise.reject(new UnavailableError('Nothing is asked in this simulation.')) };
}
