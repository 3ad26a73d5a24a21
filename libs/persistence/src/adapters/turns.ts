import { UnavailableError } from '#libs/key-domain';

/**
 * Lets the changes of one thing in this process go one after the other. The lock on its row would order them too, but each
 * that waits for it holds a connection: many at once on one key would leave none for anybody else.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * @param waitLimitMs how many milliseconds a change waits for those of the same thing before it
   * @param late what is said when it has waited for so long
   */
  constructor(
    private readonly waitLimitMs: number,
    private readonly late: string,
  ) {}

  /** @throws UnavailableError when those before it take too long */
  async take<Result>(key: string, change: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    let end = (): void => undefined;
    const turn = new Promise<void>((resolve) => (end = resolve));
    const untilMine = before === undefined ? turn : before.then(() => turn);
    this.#last.set(key, untilMine);
    try {
      if (before !== undefined) await this.#inTime(before);
      return await change();
    } finally {
      end();
      if (this.#last.get(key) === untilMine) this.#last.delete(key);
    }
  }

  async #inTime(waiting: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new UnavailableError(this.late, { detail: 'no turn' })), this.waitLimitMs);
    });
    await Promise.race([waiting, late]).finally(() => clearTimeout(timer));
  }
}
