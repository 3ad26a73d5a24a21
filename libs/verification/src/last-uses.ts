import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type KeyRecord, SecretUpkeep, type SecretUse, UnavailableError } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { FairRoom } from './fair-room.js';

export const FLUSH_INTERVAL_MS = 2_000;
/** Secrets whose last use is held until the next flush, shared by the accounts: some 4 MB. */
export const MAX_HELD_USES = 20_000;
/** The year 10000: beyond, a time is none, and the store may not be able to hold it. */
const END_OF_TIMES = Date.UTC(10_000, 0);

type Used = Pick<KeyRecord, 'secretId' | 'keyId' | 'accountId'>;

interface HeldUse extends Used {
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/** When secrets were last accepted, written back in one statement every two seconds. It is told, never asked: no verdict rests on it. */
@Injectable()
export class LastUses implements OnModuleInit, BeforeApplicationShutdown {
  #held = new Map<string, HeldUse>();
  #room = new FairRoom(MAX_HELD_USES);
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(SecretUpkeep) private readonly upkeep: SecretUpkeep,
    @Inject(Log) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS).unref();
  }

  /** Writes what is left. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** @param now milliseconds since the Unix epoch; what can be no time is dropped: one such would spoil the statement of all */
  note({ secretId, keyId, accountId }: Used, now: number): void {
    const held = this.#held.get(secretId);
    if (!(now >= 0 && now < END_OF_TIMES)) this.#dropped += 1;
    else if (held !== undefined) held.at = Math.max(held.at, now);
    else if (this.#room.take(accountId)) this.#held.set(secretId, { secretId, keyId, accountId, at: now });
    else this.#dropped += 1;
  }

  /** Writes what is held, once the flush under way is done; while the store is away, it is held for the next time. Never rejects. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const uses = [...this.#held.values()];
    if (uses.length > 0) {
      this.#held = new Map();
      this.#room = new FairRoom(MAX_HELD_USES);
      await this.#record(uses);
    }
    if (this.#dropped > 0) this.log.warn({ uses: this.#dropped }, 'last uses were dropped: too many secrets at once, or no time');
    this.#dropped = 0;
  }

  /** What the store refuses it would refuse for ever, and with it whatever is written beside it. */
  async #record(uses: readonly HeldUse[]): Promise<void> {
    try {
      await this.upkeep.recordUses(uses.map(({ secretId, keyId, at }): SecretUse => ({ secretId, keyId, at: new Date(at) })));
    } catch (err) {
      if (err instanceof UnavailableError) {
        for (const use of uses) this.note(use, use.at);
        this.log.warn({ err, uses: uses.length }, 'last uses could not be recorded; they are recorded with the next ones');
      } else this.log.error({ err, uses: uses.length }, 'last uses were refused by the store, and are dropped');
    }
  }
}
