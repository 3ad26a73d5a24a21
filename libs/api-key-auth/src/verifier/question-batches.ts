import type { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { type Moment, momentOf, type ReadStamp, type Time } from '#libs/key-domain';
import type { GuardSession } from '../sessions/guard-session.js';
import { type FailureKind, VerifierFailure } from './verifier-transport.js';

/** Questions in one call, by the contract. */
export const MAX_BATCH = 1_000;

/** Calls at once: enough to keep a connection busy. What comes meanwhile is gathered. */
export const MAX_UNDER_WAY = 4;

/** An answer, and what was known before it was asked for. */
export interface Answered {
  readonly response: VerifyTokenResponse;
  /** The session that the question named, and how far its changes had been applied; null: it named none. */
  readonly under: { readonly session: GuardSession; readonly stamp: ReadStamp } | null;
  readonly asked: Moment;
}

interface Waiting {
  readonly request: VerifyTokenRequest;
  readonly timeoutMs: number;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (failure: unknown) => void;
}

export interface BatchOptions {
  readonly time: Time;
  /** Runs `work` as soon as everything that has arrived already was looked at. */
  readonly atTurnEnd: (work: () => void) => void;
  /** The live session of the verifier. */
  readonly session: () => GuardSession | null;
  readonly send: (
    requests: readonly VerifyTokenRequest[],
    sessionId: string,
    timeoutMs: number,
  ) => Promise<readonly VerifyTokenResponse[]>;
}

/**
 * Asks one verifier. Questions that come in the same turn, or while enough are under way, travel together; one that
 * comes alone waits for nobody.
 */
export class QuestionBatches {
  #waiting: Waiting[] = [];
  #underWay = 0;
  #asked = 0;
  #scheduled = false;

  constructor(private readonly options: BatchOptions) {}

  /** Questions that wait or are under way. */
  get load(): number {
    return this.#waiting.length + this.#asked;
  }

  /** @throws VerifierFailure */
  ask(request: VerifyTokenRequest, timeoutMs: number): Promise<Answered> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, timeoutMs, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.options.atTurnEnd(() => {
        this.#scheduled = false;
        this.#flush();
      });
    });
  }

  /** Has everything that still waits fail. */
  drop(failure: VerifierFailure): void {
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#underWay < MAX_UNDER_WAY) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      this.#underWay += 1;
      this.#asked += batch.length;
      void this.#send(batch).finally(() => {
        this.#underWay -= 1;
        this.#asked -= batch.length;
        this.#flush();
      });
    }
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const asked = momentOf(this.options.time);
    const session = this.options.session();
    const under = session === null ? null : { session, stamp: session.stamp() };
    const timeoutMs = Math.max(...batch.map((one) => one.timeoutMs));
    try {
      const requests = batch.map(({ request }) => request);
      const responses = await this.options.send(requests, session?.id ?? '', timeoutMs);
      batch.forEach(({ resolve, reject }, index) => {
        const response = responses[index];
        if (response === undefined || responses.length !== batch.length) reject(MISCOUNTED);
        else resolve({ response, under, asked });
      });
    } catch (error) {
      if (batch.length > 1 && isOfOneElement(error)) await this.#sendHalves(batch);
      else for (const { reject } of batch) reject(error);
    }
  }

  /**
   * One question that is bad, or that a verifier without its store can't answer, must not fail its neighbours: it is
   * found by halving, with some twenty calls in a thousand questions.
   */
  async #sendHalves(batch: readonly Waiting[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await Promise.all([this.#send(batch.slice(0, middle)), this.#send(batch.slice(middle))]);
  }
}

const OF_ONE_ELEMENT: ReadonlySet<FailureKind> = new Set<FailureKind>(['invalid', 'too_large', 'unable']);

function isOfOneElement(error: unknown): boolean {
  return error instanceof VerifierFailure && OF_ONE_ELEMENT.has(error.kind);
}

const MISCOUNTED = new VerifierFailure('other', "the verifier's answers are not as many as the questions");
