import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import {
  GRANULE_MS,
  type KeyRecord,
  UnavailableError,
  type UsageBatch,
  type UsageOutcome,
  UsageStore,
  type Verdict,
} from '#libs/key-domain';
import { Log } from '#libs/observability';
import { randomUUID } from 'node:crypto';
import { FairRoom } from './fair-room.js';

export const COUNTS_FLUSH_MS = 5_000;
/** Counts that are held, each of a key, an hour and an outcome, shared by the accounts: some 20 MB. */
export const MAX_HELD_COUNTS = 100_000;
/** Counts that one statement adds. */
export const COUNTS_AT_ONCE = 1_000;
/** The year 10000: beyond, a time is none, and the store may not be able to hold it. */
const END_OF_TIMES = Date.UTC(10_000, 0);

type CountedKey = Pick<KeyRecord, 'keyId' | 'accountId'>;

interface HeldCount extends CountedKey {
  /** Hours since the Unix epoch. */
  readonly hour: number;
  readonly outcome: UsageOutcome;
  count: number;
}

/** What is to be added, until it is known to be: never altered, since it may have been added already. */
interface WaitingBatch {
  readonly number: number;
  readonly counts: readonly HeldCount[];
}

/** How often keys are verified, counted in memory and added to the store every five seconds. No verdict rests on it. */
@Injectable()
export class UsageCounts implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #source = randomUUID();
  readonly #room = new FairRoom(MAX_HELD_COUNTS);
  /** By key; the count that was begun last stands last. */
  #held = new Map<string, HeldCount[]>();
  #waiting: WaitingBatch[] = [];
  #number = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(UsageStore) private readonly store: Pick<UsageStore, 'add'>,
    @Inject(Log) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), COUNTS_FLUSH_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Adds what was counted while the last connections were closed; what can't be added now is lost. */
  async onApplicationShutdown(): Promise<void> {
    await this.flush();
    const lost = sumOf([...this.#waiting.flatMap(({ counts }) => counts), ...this.#heldCounts()]);
    if (lost > 0) this.log.error({ verifications: lost }, 'verifications are not in the usage of their keys: the store is away');
  }

  /** @param now milliseconds since the Unix epoch */
  count({ code, record }: Verdict, now: number): void {
    if (record !== null) this.countMany(record, code, 1, now);
  }

  /**
   * @param count a whole number
   * @param now milliseconds since the Unix epoch; at what can be no time, nothing is counted
   */
  countMany({ keyId, accountId }: CountedKey, outcome: UsageOutcome, count: number, now: number): void {
    const hour = Math.floor(now / GRANULE_MS.hour);
    const ofKey = this.#held.get(keyId);
    const held = ofKey === undefined ? undefined : latest(ofKey, hour, outcome);
    if (held !== undefined) held.count += count;
    else if (now >= 0 && now < END_OF_TIMES && count > 0 && this.#room.take(accountId)) {
      const begun = { keyId, accountId, hour, outcome, count };
      if (ofKey === undefined) this.#held.set(keyId, [begun]);
      else ofKey.push(begun);
    } else this.leaveOut(count);
  }

  /** Verifications that are counted nowhere, for want of what is known of their key: that is told, as a number. */
  leaveOut(verifications: number): void {
    this.#dropped += verifications;
  }

  /** Adds what is held, once the flush under way is done; while the store is away, it is held for the next time. Never rejects. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    await this.#addWaiting();
    if (this.#waiting.length === 0) {
      this.#cut();
      await this.#addWaiting();
    }
    if (this.#dropped > 0) {
      this.log.warn(
        { verifications: this.#dropped },
        'verifications were not counted: of too many keys at once, at no time, or reported of what was not kept',
      );
    }
    this.#dropped = 0;
  }

  #cut(): void {
    const counts = this.#heldCounts();
    this.#held = new Map();
    for (let start = 0; start < counts.length; start += COUNTS_AT_ONCE) {
      this.#waiting.push({ number: (this.#number += 1), counts: counts.slice(start, start + COUNTS_AT_ONCE) });
    }
  }

  #heldCounts(): HeldCount[] {
    return [...this.#held.values()].flat();
  }

  async #addWaiting(): Promise<void> {
    for (let [batch] = this.#waiting; batch !== undefined; [batch] = this.#waiting) {
      if (!(await this.#add(batch))) return;
      this.#waiting.shift();
      for (const { accountId } of batch.counts) this.#room.release(accountId, 1);
    }
  }

  /**
   * What the store refuses it would refuse for ever, and with it whatever comes after it.
   * @returns whether the batch is done with
   */
  async #add({ number, counts }: WaitingBatch): Promise<boolean> {
    try {
      await this.store.add({ source: this.#source, number, counts: counts.map(toCount) });
      return true;
    } catch (err) {
      const verifications = sumOf(counts);
      if (err instanceof UnavailableError) {
        this.log.warn({ err, verifications }, 'the usage of keys could not be written; it is written later');
        return false;
      }
      this.log.error({ err, verifications }, 'the usage of keys was refused by the store, and is dropped');
      return true;
    }
  }
}

/** The one that was begun last is nearly always the one: nothing is allocated to find it. */
function latest(counts: readonly HeldCount[], hour: number, outcome: UsageOutcome): HeldCount | undefined {
  for (let index = counts.length - 1; index >= 0; index -= 1) {
    const held = counts[index];
    if (held?.hour === hour && held.outcome === outcome) return held;
  }
  return undefined;
}

function toCount({ keyId, hour, outcome, count }: HeldCount): UsageBatch['counts'][number] {
  return { keyId, hour: new Date(hour * GRANULE_MS.hour), outcome, count };
}

function sumOf(counts: readonly HeldCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
