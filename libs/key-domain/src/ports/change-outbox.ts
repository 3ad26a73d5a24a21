import type { CommittedChange } from './enforcement.js';

/**
 * The journal of changes as the outbox of a log that is kept elsewhere: what was committed is published, if not by
 * whoever committed it.
 * @throws UnavailableError when the store can't be asked
 */
export interface ChangeOutbox {
  /**
   * Changes that nobody is known to have published, the oldest first.
   * @param afterMs milliseconds since their commit, so that whoever made them may publish them
   * @param most how many at most
   */
  unpublished(afterMs: number, most: number): Promise<readonly CommittedChange[]>;
  /** Notes that changes were published. It may be lost; to publish one twice does no harm. */
  markPublished(places: readonly number[]): Promise<void>;
  /**
   * Forgets the oldest changes, never the last.
   * @param afterMs milliseconds since their commit
   * @param all whether those too that are not known to be published; otherwise it stops at the first of them
   * @returns how many
   */
  trim(afterMs: number, all: boolean): Promise<number>;
}

export const ChangeOutbox = Symbol('ChangeOutbox');
