import { Inject, Injectable } from '@nestjs/common';
import { type Attribution, type AuditEntry, type AuditFilter, AuditLog, type ChainHead } from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import type { Page, PageRequest } from '../paging/page.js';
import type { BrokenLink } from './chain-check.js';
import { ChainWalk } from './chain-walk.js';

/** Whether a chain is whole. */
export interface ChainVerdict {
  /** Where it ends: to be noted elsewhere, and handed back at the next check. */
  readonly head: ChainHead;
  /** The first link that is wrong; null: none is. */
  readonly firstBroken: BrokenLink | null;
}

/** What was refused to somebody. */
export interface Refusal {
  /** Method and pattern of the route. */
  readonly route: string;
  /** Of what the route was to act on. */
  readonly ids: readonly string[];
  readonly message: string;
  /** How often, since it was put down last. */
  readonly times: number;
}

const NUMBER = /^[1-9]\d{0,14}$/;

/** Entries that are read at once: one may have some 20 KB. */
const READ_AT_ONCE = 100;

/** What was done in an account, and by whom. */
@Injectable()
export class AuditTrail {
  /** The last check of each account that has one under way. */
  readonly #checks = new Map<string, Promise<void>>();

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

  /**
   * Every entry there is when it is called, oldest first.
   * @param assertMay asked before each part: where it throws, no more is told
   */
  async entries(accountId: string, filter: AuditFilter, assertMay: () => Promise<void>): Promise<AsyncIterable<AuditEntry>> {
    const { number: end } = await this.log.head(accountId);
    return this.#between(0, end, accountId, filter, assertMay);
  }

  /** The entries after `start` up to `end`. */
  async *#between(
    start: number,
    end: number,
    accountId: string,
    filter: AuditFilter,
    assertMay: () => Promise<void>,
  ): AsyncGenerator<AuditEntry> {
    let some: readonly AuditEntry[];
    let number = start;
    do {
      await assertMay();
      some = await this.log.after(accountId, filter, number, READ_AT_ONCE);
      for (const entry of some) {
        if (entry.number > end) return;
        yield entry;
        number = entry.number;
      }
    } while (some.length === READ_AT_ONCE);
  }

  /**
   * Follows the chain from its start to its end. Checks of one account take turns.
   * @param noted what an earlier check said of the end: whoever can write to the database could write the whole chain
   *   anew, but not what was noted elsewhere
   * @param assertMay asked before each part: where it throws, the check ends
   */
  async verify(accountId: string, noted: ChainHead | null, assertMay: () => Promise<void>): Promise<ChainVerdict> {
    const before = this.#checks.get(accountId) ?? Promise.resolve();
    const check = before.then(() => this.#verify(accountId, noted, assertMay));
    const settled = check.then(
      () => undefined,
      () => undefined,
    );
    this.#checks.set(accountId, settled);
    try {
      return await check;
    } finally {
      if (this.#checks.get(accountId) === settled) this.#checks.delete(accountId);
    }
  }

  async #verify(accountId: string, noted: ChainHead | null, assertMay: () => Promise<void>): Promise<ChainVerdict> {
    const walk = new ChainWalk(noted);
    for (let start = 0; ;) {
      const { last, ...head } = await this.log.head(accountId);
      for await (const entry of this.#between(start, head.number, accountId, {}, assertMay)) {
        if (!walk.take(entry)) break;
      }
      // A key that was deleted meanwhile: its state was erased before it was read, and its deletion stands further on.
      if (!walk.awaitsDeletion || head.number === start) return { head, firstBroken: walk.endAt(head, last) };
      start = head.number;
    }
  }

  /** Puts down that something was refused. */
  refused(accountId: string, { route, ...refusal }: Refusal, by: Attribution): Promise<void> {
    const target = { type: 'route', id: route } as const;
    const deed = { accountId, action: 'request.refused', target, before: null, after: { ...refusal } } as const;
    // What was refused changed nothing: it is no part of what an attempt at a request has done, and it took no right.
    return this.log.record(deed, { ...by, attempt: undefined, standing: undefined });
  }
}
