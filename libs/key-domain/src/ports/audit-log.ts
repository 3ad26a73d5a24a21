import type { Attribution } from '../audit/attribution.js';
import type { AuditLink, Erased, Sealed } from '../audit/audit-chain.js';
import type { AuditAction, Deed } from '../audit/deed.js';

/** An entry as it is stored: all that its hash rests on, and the hash. */
export interface AuditEntry extends Omit<AuditLink, 'change' | 'origin'> {
  readonly change: Sealed | Erased;
  readonly origin: Sealed | Erased;
  readonly hash: Uint8Array;
}

/** Which entries are wanted; what is absent does not matter. */
export interface AuditFilter {
  /** The id of whoever did it. */
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** The id of what it was done to. */
  readonly target?: string | undefined;
  /** Not before. */
  readonly from?: Date | undefined;
  /** Before. */
  readonly to?: Date | undefined;
}

/** Where an account's chain ends. */
export interface ChainHead {
  /** How many entries there are. */
  readonly number: number;
  readonly hash: Uint8Array;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  readonly hasMore: boolean;
}

/**
 * The record of what was done in accounts. Changes are put down by the stores, in the transaction of the change; the store
 * refuses to alter or delete what stands there.
 * @throws UnavailableError when the store can't be asked
 */
export interface AuditLog {
  /** Puts down what changed nothing, such as a refusal. */
  record(deed: Deed, by: Attribution): Promise<void>;
  /** @param page entries before the number `before`, or the newest where that is null */
  list(
    accountId: string,
    filter: AuditFilter,
    page: { readonly limit: number; readonly before: number | null },
  ): Promise<AuditPage>;
  /** The entries after a number, oldest first, whatever the filter leaves of them. */
  after(accountId: string, filter: AuditFilter, number: number, most: number): Promise<readonly AuditEntry[]>;
  /** Where the chain ends, and the last number that an entry has, both of one moment. */
  head(accountId: string): Promise<ChainHead & { readonly last: number }>;
}

export const AuditLog = Symbol('AuditLog');
