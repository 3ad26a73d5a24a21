import type { CommittedChange, LoggedChange } from '#libs/key-domain';

/** How far a member has come: everything up to `position` is applied and confirmed, but for the exceptions. */
export interface Progress {
  readonly position: number;
  /** Numbers of changes that some guard may still answer without. */
  readonly exceptions: readonly number[];
  /**
   * Guards on this member's word which may let requests in without a verdict while no verifier can be reached. Nothing
   * waits for them: whoever is told that a change is in force is told of them.
   */
  readonly staleGuards: number;
}

/** A verifier as the log knows it. */
export interface MemberState extends Progress {
  readonly id: string;
  /** Ascends with every renewal of its lease. */
  readonly renewals: number;
}

export interface Joined {
  readonly epoch: string;
  /** The last change before the member joined: it starts after it, with an empty memory. */
  readonly position: number;
  /** Postgres' clock in milliseconds since the Unix epoch, where the log knows it. */
  readonly storeMs: number | null;
}

export type Exchanged =
  | {
      readonly outcome: 'current';
      /** What follows the stated position, in order, without a gap. */
      readonly changes: readonly LoggedChange[];
      /** False: there are more, to be asked for at once; the lease does not count yet. */
      readonly complete: boolean;
      readonly storeMs: number | null;
    }
  /** The member is not known, the epoch is another, or changes after the position are gone: it must begin anew. */
  | { readonly outcome: 'lost' };

/**
 * The log as a verifier follows it. Every call is one atomic step of the log's server.
 * @throws UnavailableError when the server can't be asked, or did not answer in time
 */
export interface FollowedLog {
  /** Makes a member known, for good, before the call returns. The id was never used before. */
  join(memberId: string): Promise<Joined>;
  /**
   * States the member's progress and returns what came after.
   * @param renew whether a lease is asked for: then the renewal has outlived any restart of the server that does not
   *   begin a new epoch
   */
  exchange(member: { readonly id: string; readonly epoch: string }, progress: Progress, renew: boolean): Promise<Exchanged>;
  /** Forgets a member that holds no lease any more and will renew none. */
  leave(member: { readonly id: string; readonly epoch: string }): Promise<void>;
  /** Calls back when something may have been published. A hint: it may come late, twice, for nothing, or never. */
  onPublished(listener: () => void): void;
}

export interface Members {
  readonly epoch: string;
  readonly members: readonly MemberState[];
}

/**
 * A change in the log, with every member that may hold a lease granted without it: those of an epoch that has just
 * ended too, which can't confirm anything any more.
 */
export interface Published extends Members {
  readonly number: number;
}

/**
 * The log as an admin writes it. Every call is one atomic step of the log's server.
 * @throws UnavailableError when the server can't be asked, or did not answer in time
 */
export interface PublishedLog {
  /** Publishes a change that is committed. To publish one twice does no harm. */
  publish(change: CommittedChange): Promise<Published>;
  /** The epoch of the moment and its members. */
  members(): Promise<Members>;
  /** Forgets a member that has not renewed its lease since it had `renewals`. */
  prune(epoch: string, member: Pick<MemberState, 'id' | 'renewals'>): Promise<void>;
  /** Calls back when a member may have come further. A hint, as above. */
  onProgress(listener: () => void): void;
}

export function isSameProgress(one: Progress, other: Progress): boolean {
  if (one.position !== other.position || one.staleGuards !== other.staleGuards) return false;
  return one.exceptions.length === other.exceptions.length && one.exceptions.every((n, index) => n === other.exceptions[index]);
}

/** Whether a member has confirmed a change. Once it has, it always has. */
export function hasConfirmed({ position, exceptions }: Pick<Progress, 'position' | 'exceptions'>, number: number): boolean {
  return position >= number && !exceptions.includes(number);
}
