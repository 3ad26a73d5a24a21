import { Injectable } from '@nestjs/common';
import { RateLimitedError } from '#libs/key-domain';

/** Imports at once. Each has some megabytes of lines at hand, and those of one account take turns anyway. */
export const MOST_IMPORTS = { ofAccount: 4, ofAll: 16 };

/** A place may be free in so many seconds. */
const RETRY_AFTER_SECONDS = 5;

/** Bounds how many imports go on at once in this process, of an account and of all. No account is given its nth place unless n are free, so that a few leave room to others. */
@Injectable()
export class ImportPlaces {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /**
   * @returns what gives the place back, once, however often it is called
   * @throws RateLimitedError when all places are taken
   */
  take(accountId: string): () => void {
    const ofAccount = this.#taken.get(accountId) ?? 0;
    if (ofAccount >= MOST_IMPORTS.ofAccount)
      throw new RateLimitedError(`${ofAccount} imports into the account go on already.`, RETRY_AFTER_SECONDS);
    if (ofAccount >= MOST_IMPORTS.ofAll - this.#all)
      throw new RateLimitedError('Too many imports go on already.', RETRY_AFTER_SECONDS);
    this.#taken.set(accountId, ofAccount + 1);
    this.#all += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#giveBack(accountId);
    };
  }

  #giveBack(accountId: string): void {
    const left = (this.#taken.get(accountId) ?? 0) - 1;
    if (left > 0) this.#taken.set(accountId, left);
    else this.#taken.delete(accountId);
    this.#all -= 1;
  }
}
