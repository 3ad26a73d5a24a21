import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { type FoundSecret, type PepperedDigest, PepperRing, SecretUpkeep } from '#libs/key-domain';
import { Log } from '#libs/observability';

/** Moves that wait at most; a secret beyond is moved at a later verification. */
export const MAX_WAITING_MOVES = 10_000;

/** Brings secrets that were found under a retired pepper to the current one, in the background, one after the other. */
@Injectable()
export class DigestMoves implements BeforeApplicationShutdown {
  readonly #waiting = new Set<string>();
  #moving: Promise<void> = Promise.resolve();

  constructor(
    @Inject(SecretUpkeep) private readonly upkeep: SecretUpkeep,
    private readonly peppers: PepperRing,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Moves the secret if it needs to be. Returns at once.
   * @param digests of the token that was presented, one for each pepper
   */
  consider(found: FoundSecret, digests: readonly PepperedDigest[]): void {
    const { secretId, keyId } = found.record;
    const current = digests.find(({ pepperId }) => pepperId === this.peppers.current.id);
    if (current === undefined || found.pepperId === current.pepperId) return;
    if (this.#waiting.has(secretId) || this.#waiting.size >= MAX_WAITING_MOVES) return;
    this.#waiting.add(secretId);
    const from = { pepperId: found.pepperId, digest: Buffer.from(found.digest) };
    this.#moving = this.#moving
      .then(() => this.upkeep.moveDigest(secretId, from, current))
      .catch((err: unknown) => {
        this.log.warn({ err, keyId, secretId }, 'a secret stays with a retired pepper until it is verified again');
      })
      .finally(() => this.#waiting.delete(secretId));
  }

  /** Finishes what was begun. */
  beforeApplicationShutdown(): Promise<void> {
    return this.#moving;
  }
}
