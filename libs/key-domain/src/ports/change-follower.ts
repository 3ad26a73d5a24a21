import type { ChangeSubject, LoggedChange, ReadStamp } from '../freshness/logged-change.js';

/**
 * How a change came to be known: by the log that is followed, or by an inquiry about it that went past the log. The
 * numbers of the two have nothing to do with each other.
 */
export type Road = 'log' | 'inquiry';

/** Memory that must not outlive what it remembers. Both calls are synchronous: nothing is answered in between. */
export interface FollowingMemory {
  forget(change: LoggedChange, road: Road): void;
  forgetEverything(): void;
}

/**
 * Follows the log of changes, so that answers may be given from memory. Whatever it tells holds at the moment of the
 * call and not after an `await`.
 */
export interface ChangeFollower {
  /**
   * How far the log was applied: taken before a reading begins. Null: the log is not followed, and what is read now
   * must not be kept.
   */
  stamp(): ReadStamp | null;
  /**
   * Whether memory may answer a question that had arrived before this call. Otherwise only a reading of the primary
   * that began after the question came will do.
   */
  mayAnswerFromMemory(): boolean;
  /** Whether what was read after the stamp was taken still holds. When in doubt: no. */
  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean;
  /** Postgres' clock as late as it may be, in milliseconds since the Unix epoch; only while memory may answer. */
  storeTime(): number;
  /** Tells a memory of every change from now on, before the change counts as applied. */
  follow(memory: FollowingMemory): void;
}

export const ChangeFollower = Symbol('ChangeFollower');

/** For a process that remembers nothing: every answer is a reading of the primary. */
export const NO_MEMORY: ChangeFollower = {
  stamp: () => null,
  mayAnswerFromMemory: () => false,
  isUnchangedSince: () => false,
  storeTime: () => {
    throw new Error('nothing is remembered here');
  },
  follow: () => undefined,
};
