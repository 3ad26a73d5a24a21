import { keyIdOf, ModelKeys, ModelVerifier } from '../model-verifier.fixture.js';
import { TokenInquiry } from '../request/token-inquiry.js';
import { VirtualTime } from '../virtual-time.fixture.js';
import { type ClientOptions, VerifierClient } from './verifier-client.js';
import type { VerifierTransport } from './verifier-transport.js';

/** A question that demands nothing. */
export const ask = (token: string) => new TokenInquiry(token, [], '', '', '', 1);
export const keyOf = (token: string) => keyIdOf(ask(token).tokenSha256);

/** One guard over verifiers in memory, on a clock that stands still unless told otherwise. */
export class ClientWorld {
  readonly time = new VirtualTime();
  readonly keys = new ModelKeys();
  readonly verifiers: readonly ModelVerifier[];
  readonly client: VerifierClient;
  readonly news: string[] = [];

  constructor(
    count: number,
    options: Partial<ClientOptions> = {},
    delay: () => number = () => 1,
    random: () => number = () => 0.5,
    /** How the guard reaches a verifier. */
    by: (verifier: ModelVerifier) => VerifierTransport = (verifier) => verifier,
  ) {
    const { time, keys } = this;
    this.verifiers = Array.from({ length: count }, () => new ModelVerifier(time, keys, delay, random));
    this.client = new VerifierClient(
      this.verifiers.map((verifier, index) => ({ name: `verifier ${index}`, transport: by(verifier) })),
      {
        time,
        random,
        atTurnEnd: setImmediate,
        deadlineMs: 2_000,
        cache: { maxEntries: 1_000, maxBytes: 1_000_000, staleWhileUnavailableMs: 0 },
        onNews: (name, { kind }) => this.news.push(`${name} ${kind}`),
        ...options,
      },
    );
  }

  get verifier(): ModelVerifier {
    const [verifier] = this.verifiers;
    if (verifier === undefined) throw new Error('a world without verifiers');
    return verifier;
  }

  /** Questions that the verifiers were asked. */
  get asked(): number {
    return this.verifiers.flatMap(({ asked }) => asked).reduce((sum, count) => sum + count, 0);
  }

  async open(): Promise<this> {
    this.client.start();
    await this.time.pass(10);
    return this;
  }

  /** What `work` comes to, once enough time has passed. */
  async done<Value>(work: Promise<Value>, ms = 5_000): Promise<Value | Error> {
    const state = { isDone: false };
    const outcome = work.catch((error: unknown) => error as Error).finally(() => (state.isDone = true));
    for (let passed = 0; passed < ms && !state.isDone; passed++) await this.time.pass(1);
    if (!state.isDone) throw new Error('not done in time');
    return outcome;
  }

  async keep(...tokens: readonly string[]): Promise<void> {
    await this.done(Promise.all(tokens.map((token) => this.client.verify(ask(token)))));
  }
}

/** mulberry32 */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
