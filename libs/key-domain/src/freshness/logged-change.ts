import type { ChangeScope } from '../ports/enforcement.js';

/** A change as the log tells it. */
export interface LoggedChange {
  /** Ascends by one within an epoch of the log; inquiries are numbered for themselves. */
  readonly number: number;
  readonly scope: ChangeScope;
  /** Blinded names of digests that something is stored under since: what was not found may be found now. */
  readonly handles: readonly string[];
}

/** How far a reader of the log had come before it began to read something else. */
export interface ReadStamp {
  /** Names one unbroken reading of the log. Positions of two can't be compared. */
  readonly epoch: string;
  /** The last change that was applied, counted from where the reading began, by whichever road it came. */
  readonly position: number;
}

/** What a reading was about, as changes name it. */
export type ChangeSubject =
  | { readonly accountId: string; readonly keyId: string }
  /** Nothing was found under the digests with these handles. */
  | { readonly handles: readonly string[] }
  /** Something of an account as a whole. */
  | { readonly accountId: string; readonly keyId?: undefined };
