import type { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import type { Time } from '#libs/key-domain';
import type { GuardSession, SessionEnd } from '../sessions/guard-session.js';
import { SessionKeeper } from '../sessions/session-keeper.js';
import type { HeedingMemory } from '../sessions/told.js';
import { Backoff } from './backoff.js';
import { Circuit } from './circuit.js';
import { type Answered, QuestionBatches } from './question-batches.js';
import { isAnswer, isSilence, VerifierFailure, type VerifierTransport } from './verifier-transport.js';

const PROBE_BACKOFF = { first: 100, most: 500 };
const PROBE_TIMEOUT_MS = 1_000;

/** What is to be told to those who run the service. */
export type LinkNews =
  /** It does not answer and is asked no more, but for probes. */
  | { readonly kind: 'away' }
  | { readonly kind: 'back' }
  /** It answers, but gives no session: every question is asked. */
  | { readonly kind: 'no_session'; readonly detail: string }
  | { readonly kind: 'session' };

export interface LinkOptions {
  readonly time: Time;
  readonly random: () => number;
  readonly atTurnEnd: (work: () => void) => void;
  /** What is kept of answers; null: nothing, and no session is opened. */
  readonly cache: { readonly memory: HeedingMemory; readonly staleMs: number } | null;
  readonly onNews: (news: LinkNews) => void;
}

/** A verifier as a guard knows it: the questions to it, the session with it, and whether it answers at all. */
export class VerifierLink {
  readonly #circuit: Circuit;
  readonly #batches: QuestionBatches;
  readonly #keeper: SessionKeeper | null;
  #hasNoSession = false;

  constructor(
    /** A name of the verifier that every guard knows it by. */
    readonly name: string,
    private readonly transport: VerifierTransport,
    private readonly options: LinkOptions,
  ) {
    const { time, random, atTurnEnd, cache } = options;
    this.#circuit = new Circuit(time, new Backoff(PROBE_BACKOFF, random), {
      probe: () => this.#probe(),
      opened: () => {
        this.#away();
      },
      closed: () => {
        this.#back();
      },
    });
    const session = () => this.session;
    this.#batches = new QuestionBatches({ time, atTurnEnd, session, send: (...question) => this.#send(...question) });
    this.#keeper = cache === null ? null : new SessionKeeper(transport, { time, random, ...cache, watcher: this.#watcher() });
  }

  /** The session under which answers may be asked for now. */
  get session(): GuardSession | null {
    return this.#keeper?.open ?? null;
  }

  get isAway(): boolean {
    return this.#circuit.isOpen;
  }

  /** Questions that wait for an answer. */
  get load(): number {
    return this.#batches.load;
  }

  start(): void {
    this.#keeper?.start();
  }

  stop(): void {
    this.#circuit.stop();
    this.#keeper?.stop();
  }

  /** @throws VerifierFailure */
  ask(request: VerifyTokenRequest, timeoutMs: number): Promise<Answered> {
    return this.#batches.ask(request, timeoutMs);
  }

  async #send(
    requests: readonly VerifyTokenRequest[],
    sessionId: string,
    timeoutMs: number,
  ): Promise<readonly VerifyTokenResponse[]> {
    const sentAt = this.options.time.monotonic();
    try {
      const responses = await this.transport.verifyTokens(requests, sessionId, timeoutMs);
      this.#circuit.answered();
      this.#heard();
      return responses;
    } catch (error) {
      this.#note(error, sentAt);
      throw error;
    }
  }

  #note(error: unknown, sentAt: number): void {
    if (!(error instanceof VerifierFailure) || error.kind === 'unasked') return;
    if (isAnswer(error)) this.#heard();
    if (isSilence(error)) this.#circuit.failed(sentAt, error.kind === 'timeout');
    else this.#circuit.answered();
  }

  /** A verifier that has no lease gives no session and answers all the same: only questions tell whether it is away. */
  #watcher() {
    return {
      leased: () => {
        this.#circuit.answered();
        if (this.#hasNoSession) this.options.onNews({ kind: 'session' });
        this.#hasNoSession = false;
      },
      ended: (end: SessionEnd) => {
        if (end.because === 'refused' && end.failure.kind !== 'unasked') this.#noSession(end.failure);
      },
      isAway: () => this.isAway,
    };
  }

  /** Even a refusal is an answer. */
  async #probe(): Promise<boolean> {
    try {
      await this.transport.probe(PROBE_TIMEOUT_MS);
      this.#heard();
      return true;
    } catch (error) {
      if (error instanceof VerifierFailure && isAnswer(error)) this.#heard();
      return error instanceof VerifierFailure && error.kind !== 'unasked' && !isSilence(error);
    }
  }

  #heard(): void {
    this.options.cache?.memory.heard();
  }

  #noSession({ message }: VerifierFailure): void {
    if (!this.#hasNoSession) this.options.onNews({ kind: 'no_session', detail: message });
    this.#hasNoSession = true;
  }

  #away(): void {
    this.#batches.drop(new VerifierFailure('lost', 'the verifier does not answer'));
    this.options.onNews({ kind: 'away' });
  }

  #back(): void {
    this.options.onNews({ kind: 'back' });
    this.#keeper?.reopen();
  }
}
