import type { Exchanged, FollowedLog, Joined, Members, MemberState, Progress, Published, PublishedLog } from '#libs/coherence';
import type { CommittedChange } from '#libs/key-domain';

type Place = { readonly id: string; readonly epoch: string };

/** What the server of a log does, in memory: what simulations run on. */
export interface LogModel {
  join(id: string): Joined;
  exchange(member: Place, progress: Progress, renew: boolean): Exchanged;
  leave(member: Place): void;
  /** Commits and publishes. */
  publish(change: Pick<CommittedChange, 'scope' | 'handles'>): Published;
  members(): Members;
  prune(epoch: string, member: Pick<MemberState, 'id' | 'renewals'>): void;
  forgetChanges(upTo: number): void;
}

/** What a log brings so that the contract of both of its ports can be tried on it. */
export interface ChangeLogHarness {
  /** The log as one more verifier follows it. */
  follower(): FollowedLog;
  readonly publisher: PublishedLog;
  /** Commits a change, which is not published yet where the log asks for that. */
  commit(change: Pick<CommittedChange, 'scope' | 'handles'>): Promise<CommittedChange>;
  /** Has the log forget its oldest changes, up to a number. */
  forgetChanges(upTo: number): Promise<void>;
  /** A model of the log as {@link reset} leaves it. */
  model(epoch: string): LogModel;
  /** The log as it was made: no members, no changes. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
