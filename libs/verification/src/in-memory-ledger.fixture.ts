import { type CountedUse, type LimitLedger, takeFrom, type Taken, type Taking, UnavailableError } from '#libs/key-domain';

/** The port of counted use, in memory: it holds to its contract, and can be made to wait or to fail. */
export class InMemoryLedger implements LimitLedger {
  now = Date.UTC(2040, 0, 1);
  failure: Error | null = null;
  /** A key that somebody else holds for longer than is waited. */
  locked: string | null = null;
  /** What each call is held up by. */
  gate: () => Promise<void> = () => Promise.resolve();
  readonly calls: (readonly Taking[])[] = [];
  readonly #used = new Map<string, CountedUse>();

  setCredits(keyId: string, credits: number): void {
    this.#used.set(keyId, { credits, countedAt: this.now, windows: {}, exhaustedAt: null });
  }

  creditsOf(keyId: string): number | null {
    return this.#used.get(keyId)?.credits ?? null;
  }

  async take(takings: readonly Taking[]): Promise<readonly (Taken | null)[]> {
    this.calls.push(takings);
    await this.gate();
    if (this.failure !== null) throw this.failure;
    if (takings.some(({ keyId }) => keyId === this.locked)) throw new UnavailableError('locked');
    return takings.map((taking) => {
      const { use, taken } = takeFrom(this.#used.get(taking.keyId) ?? UNUSED, taking, this.now);
      this.#used.set(taking.keyId, use);
      return taken;
    });
  }
}

const UNUSED: CountedUse = { credits: null, countedAt: 0, windows: {}, exhaustedAt: null };
