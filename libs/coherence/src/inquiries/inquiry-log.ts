import type { LoggedChange } from '#libs/key-domain';
import type { Progress, PublishedLog } from '../log/change-log.js';

/** Inquiries after a position, in the order in which they were made. */
export interface Inquired {
  readonly inquiries: readonly LoggedChange[];
  /** How far they reach: whoever has heeded them has heeded all up to here. */
  readonly position: number;
}

/**
 * Inquiries as a verifier hears of them. No lease depends on them, and nobody has to answer: they are the way round a
 * log that can't be written to.
 * @throws UnavailableError when the server can't be asked, or did not answer in time
 */
export interface HeardInquiries {
  /**
   * Brings what follows the position.
   * @param isNews whether the progress is to be stated to whoever waits
   */
  exchange(memberId: string, progress: Progress, isNews: boolean): Promise<Inquired>;
  /** Calls back when something may have been asked. A hint: it may come late, twice, for nothing, or never. */
  onPublished(listener: () => void): void;
}

/**
 * Inquiries as an admin makes them. To publish is to ask all members of the registry about a committed change; what was
 * asked about once keeps its number. Whoever is not a member any more holds no lease.
 */
export type MadeInquiries = Omit<PublishedLog, 'prune'>;
