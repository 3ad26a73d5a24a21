import { Inject, Injectable } from '@nestjs/common';
import { LimitLedger, type Taken, type Taking, UnavailableError } from '#libs/key-domain';
import { FairRoom } from './fair-room.js';

/** Transactions at once, each of another account: fewer than there are connections, so that look-ups find one too. */
const MOST_AT_ONCE = 4;
/** Requests that one transaction counts, where no single call has more. */
const MOST_TOGETHER = 256;
/** Requests that wait at once, shared by the accounts: some 10 MB. */
const MOST_WAITING = 20_000;
/** Milliseconds that a request waits to be counted, where whoever asked waits as long. */
export const LONGEST_WAIT = 2_000;

/** What one call asks for. */
interface Waiting {
  readonly takings: readonly Taking[];
  /** By the monotonic clock: whoever asked has given up by then, and nothing is taken for nobody. */
  readonly until: number;
  readonly settle: (taken: readonly (Taken | null)[]) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Counts requests of keys with limits. An account has one transaction under way: what comes meanwhile is counted together in the
 * next one, so that a key that is in great demand costs few, and waits for no lock of its own verifier's. What one call asks for is
 * counted in one transaction: of a call that fails nothing is counted, so that it may be asked again, in halves too. Where the store's word that
 * it was counted is lost, it was, as where an answer of ours is.
 */
@Injectable()
export class LimitTakings {
  /** By account; whose turn it is next stands first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #underWay = new Set<string>();
  readonly #room = new FairRoom(MOST_WAITING);
  #isWoken = false;

  constructor(@Inject(LimitLedger) private readonly ledger: LimitLedger) {}

  /**
   * @param until by the monotonic clock, in milliseconds: when it is not to begin any more
   * @returns for each what was taken; null: the key is no longer there
   * @throws UnavailableError when they could not be counted, or not in time: none of them is
   */
  take(accountId: string, takings: readonly Taking[], until = Infinity): Promise<readonly (Taken | null)[]> {
    const hasRoom = this.#room.take(accountId, takings.length);
    if (!hasRoom) return Promise.reject(unavailable('too many requests of the account wait to be counted'));
    return new Promise((settle, fail) => {
      const waiting = { takings, until: Math.min(until, performance.now() + LONGEST_WAIT), settle, fail };
      const beside = this.#waiting.get(accountId);
      if (beside === undefined) this.#waiting.set(accountId, [waiting]);
      else beside.push(waiting);
      this.#wake();
    });
  }

  /** Once everything that was asked in this turn waits: the calls of one turn are counted together. */
  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      for (const accountId of this.#waiting.keys()) {
        if (this.#underWay.size >= MOST_AT_ONCE) return;
        if (!this.#underWay.has(accountId)) void this.#count(accountId);
      }
    });
  }

  async #count(accountId: string): Promise<void> {
    const together = this.#next(accountId);
    this.#underWay.add(accountId);
    try {
      const taken = together.length === 0 ? [] : await this.ledger.take(together.flatMap(({ takings }) => takings));
      let next = 0;
      for (const { takings, settle } of together) settle(takings.map(() => taken[next++] ?? null));
    } catch (error) {
      for (const { fail } of together) fail(error);
    } finally {
      this.#room.release(accountId, requestsOf(together));
      this.#underWay.delete(accountId);
      this.#wake();
    }
  }

  /** Those that have waited too long are refused here. The account goes to the end of the line. */
  #next(accountId: string): readonly Waiting[] {
    const waiting = this.#waiting.get(accountId) ?? [];
    this.#waiting.delete(accountId);
    const now = performance.now();
    const late = waiting.filter(({ until }) => until < now);
    for (const { fail } of late) fail(unavailable('counting took too long'));
    this.#room.release(accountId, requestsOf(late));
    const awaited = late.length === 0 ? waiting : waiting.filter(({ until }) => until >= now);
    const calls = callsTogether(awaited);
    if (calls < awaited.length) this.#waiting.set(accountId, awaited.slice(calls));
    return awaited.slice(0, calls);
  }
}

function requestsOf(calls: readonly Waiting[]): number {
  return calls.reduce((sum, { takings }) => sum + takings.length, 0);
}

/** How many calls are counted in one transaction, from the first on: a call is never cut, whatever its size. */
function callsTogether(waiting: readonly Waiting[]): number {
  let requests = 0;
  for (const [calls, { takings }] of waiting.entries()) {
    requests += takings.length;
    if (calls > 0 && requests > MOST_TOGETHER) return calls;
  }
  return waiting.length;
}

function unavailable(detail: string): UnavailableError {
  return new UnavailableError('The limits of the key can not be counted now.', { detail });
}
