import { LRUCache } from 'lru-cache';
import { type Clock, subscriberOf } from '#libs/key-domain';
import type { Answer } from './answer.js';
import { type RefusalTerms } from './refusal-terms.js';
import { RefusedError } from './refused-error.js';

/** Addresses and tokens that are remembered, the least recently used go first: some megabytes. */
const MAX_ADDRESSES = 10_000;
const MAX_TOKENS = 50_000;

interface Window {
  /** By the monotonic clock, in milliseconds. */
  readonly endsAt: number;
  refusals: number;
}

/**
 * How many requests of each client address were refused for want of a good token, in this process. Beyond the limit the answer
 * is a 429, and the verifier is asked no more about tokens that nobody knows. One that it has accepted before is asked about all
 * the same: whoever guesses tokens keeps nobody out who shares his address and was here before. Requests that were under way
 * when the limit was reached are answered: to count them beforehand would refuse good ones that come together.
 */
export class RefusalsByAddress {
  readonly #windows = new LRUCache<string, Window>({ max: MAX_ADDRESSES });
  /** By the tokens' names. No token gets in here that was not good. */
  readonly #accepted = new LRUCache<string, true>({ max: MAX_TOKENS });

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly terms: RefusalTerms,
  ) {}

  /**
   * @param clientIp an unknown one is never closed: anybody might stand behind it
   * @throws RefusedError when the address has had its refusals, and the token was never accepted
   */
  assertMayAsk(clientIp: string, tokenName: string): void {
    const answer = this.#closed(subscriberOf(clientIp));
    if (answer !== null && this.#accepted.get(tokenName) === undefined) throw new RefusedError(answer);
  }

  /** Notes whether a token was good, when it was asked about. */
  note(tokenName: string, isGood: boolean): void {
    if (isGood) this.#accepted.set(tokenName, true);
    else this.#accepted.delete(tokenName);
  }

  /** Counts a refusal, if it is one of a token that is absent or not good, and returns what it is answered with. */
  answerTo(answer: Answer, clientIp: string): Answer {
    const subscriber = answer.code === 'unauthorized' ? subscriberOf(clientIp) : null;
    if (subscriber === null) return answer;
    const closed = this.#closed(subscriber);
    if (closed === null) this.#count(subscriber);
    return closed ?? answer;
  }

  /** Null: it is open. */
  #closed(subscriber: string | null): Answer | null {
    const window = subscriber === null ? undefined : this.#windows.get(subscriber);
    const left = window === undefined ? 0 : window.endsAt - this.clock.monotonic();
    if (window === undefined || left <= 0 || window.refusals < this.terms.limit) return null;
    return { code: 'rate_limited', retryAfterSeconds: Math.ceil(left / 1000) };
  }

  #count(subscriber: string): void {
    const now = this.clock.monotonic();
    const window = this.#windows.get(subscriber);
    if (window !== undefined && now < window.endsAt) window.refusals += 1;
    else this.#windows.set(subscriber, { endsAt: now + this.terms.windowSeconds * 1000, refusals: 1 });
  }
}
