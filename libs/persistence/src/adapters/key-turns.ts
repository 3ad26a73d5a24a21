import { UnavailableError } from '#libs/key-domain';

/** A change waits for those of the same key before it this many milliseconds at most. */
const WAIT_LIMIT_MS = 10_000;

/**
 * Lets the changes of one key in this process go one after the other. The lock on its row would order them too, but each
 * that waits for it holds a connection: many at once on one key would leave none for anybody else.
 */
export class KeyTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** @throws UnavailableError when those before it take too long */
  async take<Result>(key: string, change: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    let end = (): void => undefined;
    const turn = new Promise<void>((resolve) => (end = resolve));
    const untilMine = before === undefined ? turn : before.then(() => turn);
    this.#last.set(key, untilMine);
    try {
      if (before !== undefined) await inTime(before);
      return await change();
    } finally {
      end();
      if (this.#last.get(key) === untilMine) this.#last.delete(key);
    }
  }
}

async function inTime(waiting: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new UnavailableError('The key is being changed too often at the moment.', { detail: 'no turn at a key' });
    timer = setTimeout(() => reject(error), WAIT_LIMIT_MS);
  });
  await Promise.race([waiting, late]).finally(() => clearTimeout(timer));
}
