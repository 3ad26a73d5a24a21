import { Inject, Injectable } from '@nestjs/common';
import { type AuditEntry, type AuditFilter, AuditLog, CHAIN_START, type ChainHead } from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import type { Page, PageRequest } from '../paging/page.js';
import { attributionOf, type Principal } from '../principal.js';
import { type ChainFault, faultOfLink, same } from './chain-check.js';

/** Whether a chain is whole. */
export interface ChainVerdict {
  /** Where it ends: to be noted elsewhere, and handed back at the next check. */
  readonly head: ChainHead;
  /** The first link that is wrong; null: none is. */
  readonly firstBroken: { readonly number: number; readonly fault: ChainFault } | null;
}

/** What was refused to somebody. */
export interface Refusal {
  /** Method and pattern of the route. */
  readonly route: string;
  readonly path: string;
  readonly message: string;
}

const NUMBER = /^[1-9]\d{0,14}$/;

/** Entries that are read at once, so that a chain of any length takes the same memory. */
const READ_AT_ONCE = 500;

/** What was done in an account, and by whom. */
@Injectable()
export class AuditTrail {
  constructor(@Inject(AuditLog) private readonly log: AuditLog) {}

  /**
   * Newest first.
   * @throws InvalidRequestError at `cursor`
   */
  async list(accountId: string, filter: AuditFilter, { limit, cursor }: PageRequest): Promise<Page<AuditEntry>> {
    const before = cursor === null ? null : Number(readCursor(cursor, (text) => NUMBER.test(text)));
    const { entries, hasMore } = await this.log.list(accountId, filter, { limit, before });
    const last = entries.at(-1);
    return { items: entries, nextCursor: hasMore && last !== undefined ? writeCursor(String(last.number)) : null };
  }

  /** Every entry there is when it is called, oldest first. */
  async entries(accountId: string, filter: AuditFilter = {}): Promise<AsyncIterable<AuditEntry>> {
    const { number: end } = await this.log.head(accountId);
    return this.#upTo(end, accountId, filter);
  }

  async *#upTo(end: number, accountId: string, filter: AuditFilter): AsyncGenerator<AuditEntry> {
    let some: readonly AuditEntry[];
    let number = 0;
    do {
      some = await this.log.after(accountId, filter, number, READ_AT_ONCE);
      for (const entry of some) {
        if (entry.number > end) return;
        yield entry;
        number = entry.number;
      }
    } while (some.length === READ_AT_ONCE);
  }

  /**
   * Follows the chain from its start to its end.
   * @param noted what an earlier check said of the end: whoever can write to the database could write the whole chain
   *   anew, but not what was noted elsewhere
   */
  async verify(accountId: string, noted: ChainHead | null): Promise<ChainVerdict> {
    const head = await this.log.head(accountId);
    let previous: ChainHead = { number: 0, hash: CHAIN_START };
    for await (const entry of this.#upTo(head.number, accountId, {})) {
      const fault = faultOfLink(previous, entry) ?? faultOfNoted(noted, entry);
      if (fault !== null) return { head, firstBroken: { number: previous.number + 1, fault } };
      previous = entry;
    }
    if (previous.number < head.number) return { head, firstBroken: { number: previous.number + 1, fault: 'cut_off' } };
    if (!same(previous.hash, head.hash)) return { head, firstBroken: { number: head.number, fault: 'altered' } };
    const cutOff = noted !== null && noted.number > head.number;
    return { head, firstBroken: cutOff ? { number: head.number + 1, fault: 'cut_off' } : null };
  }

  /** Puts down that something was refused. */
  refused(principal: Principal, { route, path, message }: Refusal): Promise<void> {
    const { accountId } = principal;
    const target = { type: 'route', id: route } as const;
    const deed = { accountId, action: 'request.refused', target, before: null, after: { path, message } } as const;
    // What was refused changed nothing: it is no part of what an attempt at a request has done.
    return this.log.record(deed, { ...attributionOf(principal), attempt: undefined });
  }
}

function faultOfNoted(noted: ChainHead | null, entry: AuditEntry): ChainFault | null {
  return noted?.number !== entry.number || same(noted.hash, entry.hash) ? null : 'not_as_noted';
}
