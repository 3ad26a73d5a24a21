import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type KeyRecord, SecretUpkeep, type SecretUse } from '#libs/key-domain';
import { Log } from '#libs/observability';

export const FLUSH_INTERVAL_MS = 2_000;
/** Secrets whose last use is held until the next flush: some 2 MB. */
export const MAX_HELD_USES = 10_000;

interface HeldUse {
  readonly secretId: string;
  readonly keyId: string;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/** When secrets were last accepted, written back in one statement every two seconds. It is told, never asked: no verdict rests on it. */
@Injectable()
export class LastUses implements OnModuleInit, BeforeApplicationShutdown {
  #held = new Map<string, HeldUse>();
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

  /** @param now milliseconds since the Unix epoch */
  note({ secretId, keyId }: Pick<KeyRecord, 'secretId' | 'keyId'>, now: number): void {
    const held = this.#held.get(secretId);
    if (held !== undefined) held.at = Math.max(held.at, now);
    else if (this.#held.size >= MAX_HELD_USES) this.#dropped += 1;
    else this.#held.set(secretId, { secretId, keyId, at: now });
  }

  /** Writes what is held, once the flush under way is done; what could not be written is held for the next time. Never rejects. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const uses = [...this.#held.values()];
    if (uses.length === 0) return;
    this.#held = new Map();
    try {
      await this.upkeep.recordUses(uses.map(({ at, ...use }): SecretUse => ({ ...use, at: new Date(at) })));
    } catch (err) {
      for (const use of uses) this.note(use, use.at);
      this.log.warn({ err, uses: uses.length }, 'last uses could not be recorded; they are recorded with the next ones');
    }
    if (this.#dropped > 0) this.log.warn({ uses: this.#dropped }, 'last uses were dropped: too many secrets at once');
    this.#dropped = 0;
  }
}
