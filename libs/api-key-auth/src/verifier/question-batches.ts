import type { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { type Moment, momentOf, type ReadStamp, type Time } from '#libs/key-domain';
import type { GuardSession } from '../sessions/guard-session.js';
import { VerifierFailure } from './verifier-transport.js';

/** Questions in one call, by the contract. */
export const MAX_BATCH = 1_000;

/** Calls at once: enough to keep a connection busy. What comes meanwhile is gathered. */
export const MAX_UNDER_WAY = 4;

/**
 * How often a batch is halved that the verifier is unable to answer: up to 15 calls. Without its store it knows some of
 * the tokens and not the others, of which there may be many: where every one were looked for, N of them would cost it
 * 2N - 1 calls while it is in trouble. In a batch of up to eight each gets its own answer; in a larger one, an eighth
 * of it shares the fate of one that is unknown.
 */
const MOST_HALVINGS_IN_TROUBLE = 3;

/** An answer, and what was known before it was asked for. */
export interface Answered {
  readonly response: VerifyTokenResponse;
  /** The session that the question named, and how far its changes had been applied; null: it named none. */
  readonly under: { readonly session: GuardSession; readonly stamp: ReadStamp } | null;
  readonly asked: Moment;
}

interface Waiting {
  readonly request: VerifyTokenRequest;
  /** When an answer comes too late, by the monotonic clock. */
  readonly until: number;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (failure: unknown) => void;
}

/** What travels together. */
interface Batch {
  readonly questions: readonly Waiting[];
  /** How often it was halved. */
  readonly halvings: number;
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
  /** Of batches that failed as a whole; they go before what came later. */
  #halves: Batch[] = [];
  #underWay = 0;
  #asked = 0;
  #scheduled = false;

  constructor(private readonly options: BatchOptions) {}

  /** Questions that wait or are under way. */
  get load(): number {
    return this.#waiting.length + this.#asked + this.#halves.reduce((sum, { questions }) => sum + questions.length, 0);
  }

  /** @throws VerifierFailure */
  ask(request: VerifyTokenRequest, timeoutMs: number): Promise<Answered> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, until: this.options.time.monotonic() + timeoutMs, resolve, reject });
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
    const halves = this.#halves.splice(0).flatMap(({ questions }) => questions);
    for (const { reject } of [...halves, ...this.#waiting.splice(0)]) reject(failure);
  }

  #flush(): void {
    while (this.#underWay < MAX_UNDER_WAY) {
      const batch = this.#next();
      if (batch === null) return;
      const count = batch.questions.length;
      this.#underWay += 1;
      this.#asked += count;
      void this.#send(batch).finally(() => {
        this.#underWay -= 1;
        this.#asked -= count;
        this.#flush();
      });
    }
  }

  /** What is sent next, without what has waited too long. */
  #next(): Batch | null {
    while (this.#halves.length > 0 || this.#waiting.length > 0) {
      const { questions, halvings } = this.#halves.shift() ?? { questions: this.#waiting.splice(0, MAX_BATCH), halvings: 0 };
      const now = this.options.time.monotonic();
      for (const { until, reject } of questions) if (until <= now) reject(TOO_LATE);
      const inTime = questions.filter(({ until }) => until > now);
      if (inTime.length > 0) return { questions: inTime, halvings };
    }
    return null;
  }

  async #send(batch: Batch): Promise<void> {
    const { questions } = batch;
    const asked = momentOf(this.options.time);
    const session = this.options.session();
    const under = session === null ? null : { session, stamp: session.stamp() };
    const timeoutMs = Math.max(...questions.map(({ until }) => until)) - asked.monotonic;
    try {
      const requests = questions.map(({ request }) => request);
      const responses = await this.options.send(requests, session?.id ?? '', timeoutMs);
      questions.forEach(({ resolve, reject }, index) => {
        const response = responses[index];
        if (response === undefined || responses.length !== questions.length) reject(MISCOUNTED);
        else resolve({ response, under, asked });
      });
    } catch (error) {
      if (questions.length > 1 && batch.halvings < mostHalvings(error)) this.#halve(batch);
      else for (const { reject } of questions) reject(error);
    }
  }

  /**
   * One question that is bad, or that a verifier without its store can't answer, must not fail its neighbours: it is
   * found by halving. A bad one is found for sure, with some twenty calls in a thousand questions.
   */
  #halve({ questions, halvings }: Batch): void {
    const middle = Math.ceil(questions.length / 2);
    for (const half of [questions.slice(0, middle), questions.slice(middle)]) {
      this.#halves.push({ questions: half, halvings: halvings + 1 });
    }
  }
}

/** How often a batch that failed so may be halved; 0: it failed as a whole. */
function mostHalvings(error: unknown): number {
  if (!(error instanceof VerifierFailure)) return 0;
  if (error.kind === 'invalid' || error.kind === 'too_large') return Infinity;
  return error.kind === 'unable' ? MOST_HALVINGS_IN_TROUBLE : 0;
}

const TOO_LATE = new VerifierFailure('timeout', 'nothing came in time');

const MISCOUNTED = new VerifierFailure('other', "the verifier's answers are not as many as the questions");
