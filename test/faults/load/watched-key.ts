import type { KeyHistory } from '../history/key-history.js';

/** A key under verification, with all that is known of it. */
export interface WatchedKey {
  readonly id: string;
  readonly token: string;
  readonly history: KeyHistory;
}
