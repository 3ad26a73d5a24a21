import { RateLimitedError } from '#libs/key-domain';

/** A place may be free in so many seconds. */
const RETRY_AFTER_SECONDS = 5;

export interface MostPlaces {
  readonly ofAccount: number;
  readonly ofAll: number;
}

/**
 * Bounds how much of one kind of long work goes on at once in this process, for an account and for all. No account is given its nth
 * place unless n are free, so that a few leave room to others.
 */
export class Places {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /** @param what as a caller knows it, in the plural: "imports" */
  constructor(
    private readonly what: string,
    private readonly most: MostPlaces,
  ) {}

  /**
   * @returns what gives the place back, once, however often it is called
   * @throws RateLimitedError when all places are taken
   */
  take(accountId: string): () => void {
    const ofAccount = this.#taken.get(accountId) ?? 0;
    if (ofAccount >= this.most.ofAccount)
      throw new RateLimitedError(`${ofAccount} ${this.what} of the account go on already.`, RETRY_AFTER_SECONDS);
    if (ofAccount >= this.most.ofAll - this.#all)
      throw new RateLimitedError(`Too many ${this.what} go on already.`, RETRY_AFTER_SECONDS);
    this.#taken.set(accountId, ofAccount + 1);
    this.#all += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#giveBack(accountId);
    };
  }

  /** @throws RateLimitedError when all places are taken; nothing was done */
  async during<Result>(accountId: string, work: () => Promise<Result>): Promise<Result> {
    const leave = this.take(accountId);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  #giveBack(accountId: string): void {
    const left = (this.#taken.get(accountId) ?? 0) - 1;
    if (left > 0) this.#taken.set(accountId, left);
    else this.#taken.delete(accountId);
    this.#all -= 1;
  }
}
