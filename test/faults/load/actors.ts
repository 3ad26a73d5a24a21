import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../chaos/random.js';
import { ENDINGS, expiring, type KeyChange, THERE_AND_BACK } from './changes.js';
import type { Changing } from './changing.js';
import type { Verifications } from './verifications.js';
import type { WatchedKey } from './watched-key.js';

const MOST_CHANGES = 5;
/** Dead keys that are asked about now and then for the rest of the run: what is late may come very late. */
const GRAVES = 60;
const SHARE_OF_GRAVES = 0.1;

/**
 * Keys from their issue to their end, each under one actor, who makes one change at a time and knows that it is in
 * force before the next.
 */
export class Actors {
  readonly #living = new Set<WatchedKey>();
  readonly #graves: WatchedKey[] = [];
  readonly #random: Random;

  constructor(
    private readonly changing: Changing,
    private readonly verifications: Verifications,
    private readonly seed: number,
  ) {
    this.#random = new Random(seed);
  }

  get keys(): readonly WatchedKey[] {
    return [...this.#living, ...this.#graves];
  }

  /** A key to ask about; null while there is none. */
  pick(): WatchedKey | null {
    const fromGraves = this.#graves.length > 0 && this.#random.next() < SHARE_OF_GRAVES;
    const keys = fromGraves ? this.#graves : [...this.#living];
    return keys.length === 0 ? null : this.#random.pick(keys);
  }

  /** Lets so many keys live at once, one after the other, until stopped. */
  async run(count: number, stopped: AbortSignal): Promise<void> {
    const actor = async (number: number) => {
      const random = new Random(this.seed * 1_000 + number);
      while (!stopped.aborted) await this.#life(random, stopped);
    };
    await Promise.all(Array.from({ length: count }, (_, number) => actor(number)));
  }

  async #life(random: Random, stopped: AbortSignal): Promise<void> {
    const key = await this.changing.mint(random, stopped);
    if (key === null) return;
    this.#living.add(key);
    this.verifications.probe(key);
    await pause(random.between(100, 1_500), stopped);
    for (let left = random.count(0, MOST_CHANGES); left > 0; left -= 1) await this.#thereAndBack(key, random, stopped);
    await this.#change(key, random.pick(ENDINGS), random, stopped);
    await pause(random.between(200, 1_500), stopped);
    this.#living.delete(key);
    this.#graves.push(key);
    if (this.#graves.length > GRAVES) this.#graves.shift();
  }

  async #thereAndBack(key: WatchedKey, random: Random, stopped: AbortSignal): Promise<void> {
    const inAWhile = expiring(Date.now() + random.count(300, 3_000));
    const [there, back] = random.pick([...THERE_AND_BACK, [inAWhile, expiring(null)] as const]);
    await this.#change(key, there, random, stopped);
    await this.#change(key, back, random, stopped);
  }

  async #change(key: WatchedKey, change: KeyChange, random: Random, stopped: AbortSignal): Promise<void> {
    if ((await this.changing.make(key, change, random, stopped)) !== null) this.verifications.probe(key);
    await pause(random.between(20, 800), stopped);
  }
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal: stopped }).catch(() => undefined);
}
