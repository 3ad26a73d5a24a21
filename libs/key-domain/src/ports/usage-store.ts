import type { Granularity, UsageOutcome } from '../usage/usage.js';

/** How often a key was verified with an outcome, in one hour. */
export interface UsageCount {
  readonly keyId: string;
  /** When the hour began, in UTC. */
  readonly hour: Date;
  readonly outcome: UsageOutcome;
  /** A whole number above zero. */
  readonly count: number;
}

/** Counts that are added together. */
export interface UsageBatch {
  /** Who counted: unique to the life of a process. */
  readonly source: string;
  /** Ascending with each batch of the source. */
  readonly number: number;
  readonly counts: readonly UsageCount[];
}

/** Both at a whole hour or day, in UTC. */
export interface UsageSpan {
  readonly granularity: Granularity;
  readonly from: Date;
  /** Before. */
  readonly to: Date;
}

/** A sum of counts. */
export interface UsageTotal {
  /** When the hour or day began. */
  readonly start: Date;
  readonly outcome: UsageOutcome;
  readonly count: number;
}

/**
 * How often keys were verified. The totals of an account are those of all its keys, also of those that are deleted; the
 * totals of a key are gone with it.
 * @throws UnavailableError when the store can't be asked
 */
export interface UsageStore {
  /**
   * Adds all of a batch, or nothing of it. Where it was added and the answer got lost, adding the same batch again changes
   * nothing: a source adds its batches one after the other, and the same one until it is answered. Counts of keys that are
   * deleted are dropped.
   */
  add(batch: UsageBatch): Promise<void>;
  /** Ascending by time; null: the account has no such key. */
  ofKey(accountId: string, keyId: string, span: UsageSpan): Promise<readonly UsageTotal[] | null>;
  /** Ascending by time. */
  ofAccount(accountId: string, span: UsageSpan): Promise<readonly UsageTotal[]>;
  /**
   * Forgets some of what is older than it has to be kept.
   * @returns whether there may be more of it
   */
  prune(): Promise<boolean>;
}

export const UsageStore = Symbol('UsageStore');
