import type { Attribution } from '../audit/attribution.js';
import type { NewAccount } from './account-store.js';
import type { NewKey } from './key-store.js';
import type { Membership } from './people-store.js';

/** The first account and its owner, who is operator too, and the key by which services of the account verify. */
export interface FirstAccount extends NewAccount {
  readonly personId: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly serviceKey: NewKey;
}

/**
 * The installation itself: a database that is empty, or set up once.
 * @throws UnavailableError when the store can't be asked
 */
export interface InstallationStore {
  /** An identifier that the database was given when its schema was made. */
  id(): Promise<string>;
  isSetUp(): Promise<boolean>;
  /**
   * In one transaction: of any number of concurrent calls one succeeds.
   * @param beforeCommit run once everything is written and the set-up is this call's alone; what it puts elsewhere
   *   survives a crash that the set-up does not, never the other way about
   * @throws ConflictError when it is set up already
   */
  setUp(first: FirstAccount, by: Attribution, beforeCommit?: () => Promise<void>): Promise<Membership>;
  /**
   * Compares the peppers with those the database has seen, then notes new ones.
   * @returns ids that stored secrets need and that are absent here, or stand here with another value
   */
  reconcilePeppers(peppers: readonly { readonly id: string; readonly fingerprint: Uint8Array }[]): Promise<PepperFaults>;
}

export interface PepperFaults {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
}

export const InstallationStore = Symbol('InstallationStore');
