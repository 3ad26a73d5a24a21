import type { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { decide, momentOf, type Time, UnavailableError, type Verdict } from '#libs/key-domain';
import type { CacheTerms } from '../cache/cache-options.js';
import { isKeepable, KeptAnswers, verdictRequest } from '../cache/kept-answers.js';
import { QuestionsUnderWay } from '../cache/questions-under-way.js';
import { type HeedingMemory, millisecondsOf } from '../sessions/told.js';
import type { GuardQuestion, Judgement, PresentedQuestion, TokenVerifier } from '../token-verifier.js';
import { preferred } from './preference.js';
import type { Answered } from './question-batches.js';
import { requestOf } from './request-of-question.js';
import { judgementOf } from './verdict-of-response.js';
import { type LinkNews, VerifierLink } from './verifier-link.js';
import { isAwayFailure, VerifierFailure, type VerifierTransport } from './verifier-transport.js';

/** A verifier by a name that every guard knows it by: its address. */
export interface NamedTransport {
  readonly name: string;
  readonly transport: VerifierTransport;
}

export interface ClientOptions {
  readonly time: Time;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Runs `work` as soon as everything that has arrived already was looked at. */
  readonly atTurnEnd: (work: () => void) => void;
  /** Milliseconds that a question may take, whoever is asked. */
  readonly deadlineMs: number;
  /** Null: every question is asked. */
  readonly cache: CacheTerms | null;
  readonly onNews?: (verifierName: string, news: LinkNews) => void;
}

/** Judges tokens by asking verifiers, and by what it keeps of their answers. */
export class VerifierClient implements TokenVerifier {
  readonly #links: readonly VerifierLink[];
  readonly #kept: KeptAnswers | null;
  readonly #underWay = new QuestionsUnderWay();
  #started = false;

  constructor(
    verifiers: readonly NamedTransport[],
    private readonly options: ClientOptions,
  ) {
    const { cache, time } = options;
    this.#kept = cache === null ? null : new KeptAnswers(time, cache);
    this.#links = verifiers.map(({ name, transport }) => this.#link(name, transport));
  }

  /** Keys that are kept at the moment. */
  get kept(): number {
    return this.#kept?.size ?? 0;
  }

  /** Opens the sessions, unless that was done. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const link of this.#links) link.start();
  }

  /** Forgets everything and leaves the sessions. */
  stop(): void {
    for (const link of this.#links) link.stop();
    this.#kept?.clear();
  }

  judgeKept(question: PresentedQuestion): Verdict | null {
    return this.#kept === null ? null : (this.#kept.judge(question) ?? this.#judgeForm(question));
  }

  async verify(question: GuardQuestion): Promise<Judgement> {
    this.start();
    const tokenName = Buffer.from(question.tokenSha256).toString('latin1');
    const asking = this.#underWay.begin(tokenName);
    try {
      const answered = await this.#ask(tokenName, requestOf(question));
      this.#underWay.answered(tokenName, asking);
      return this.#take(tokenName, question, answered, asking.isOvertaken);
    } catch (error) {
      const verdict = isAwayFailure(error) ? this.#judgeUnavailable(tokenName, question) : null;
      if (verdict !== null) return { verdict, left: null };
      throw error instanceof VerifierFailure ? unavailable(error.message, error.cause) : error;
    } finally {
      this.#underWay.end(tokenName, asking);
    }
  }

  /** Whatever an answer says, and whoever gave it: nothing that is older stays. */
  #take(tokenName: string, question: GuardQuestion, answered: Answered, isOvertaken: boolean): Judgement {
    if (!isOvertaken) this.#kept?.drop(tokenName);
    const judgement = readable(answered.response, question);
    if (!isOvertaken) this.#keep(tokenName, judgement, answered);
    else if (!isKeepable(judgement)) this.#kept?.drop(tokenName);
    return judgement;
  }

  /** Whoever holds a lease of any verifier's can reach one, even where that can't answer about this token. */
  #judgeUnavailable(tokenName: string, question: GuardQuestion): Verdict | null {
    const now = momentOf(this.options.time);
    if (this.#kept === null || this.#links.some(({ session }) => session?.mayAnswer(now) === true)) return null;
    return this.#kept.judgeUnavailable(tokenName, question);
  }

  /** Text that is no token of the account, by what a live session tells of its tokens: nobody is asked about it. */
  #judgeForm(question: PresentedQuestion): Verdict | null {
    for (const { session } of this.#links) {
      const rules = session?.rules() ?? null;
      if (session === null || rules === null) continue;
      if (rules.holdsImported || question.isWellFormed(rules)) return null;
      return decide(null, verdictRequest(question, session.accountId, false), null, 0);
    }
    return null;
  }

  /**
   * Asks the preferred verifier and, where that is away, others; each once, and a lonely one twice. A verifier whose answer was
   * lost may have counted the request, which the next one counts again. Rather so than a 503 for every key at a time when verifiers
   * fail: a key never gets more than its limits.
   */
  async #ask(tokenName: string, request: VerifyTokenRequest): Promise<Answered> {
    const began = this.options.time.monotonic();
    const tried: VerifierLink[] = [];
    let failure = new VerifierFailure('lost', 'no verifier answers');
    for (;;) {
      const link = this.#next(tokenName, tried);
      const left = this.options.deadlineMs - (this.options.time.monotonic() - began);
      if (link === null || left <= 0) throw failure;
      tried.push(link);
      try {
        return await link.ask(request, this.#links.some((other) => !other.isAway && !tried.includes(other)) ? left / 2 : left);
      } catch (error) {
        if (!isAwayFailure(error)) throw error;
        failure = error;
      }
    }
  }

  #next(tokenName: string, tried: readonly VerifierLink[]): VerifierLink | null {
    const there = this.#links.filter((link) => !link.isAway);
    const untried = preferred(
      tokenName,
      there.filter((link) => !tried.includes(link)),
    );
    if (untried !== null || tried.length !== 1) return untried;
    return preferred(tokenName, there);
  }

  #keep(tokenName: string, judgement: Judgement, { response, under, asked }: Answered): void {
    if (under === null) return;
    this.#kept?.keep(tokenName, { judgement, ttlMs: millisecondsOf(response.cacheTtl), ...under, asked });
  }

  #link(name: string, transport: VerifierTransport): VerifierLink {
    const { time, random, atTurnEnd, onNews } = this.options;
    const memory: HeedingMemory | null = this.#kept;
    return new VerifierLink(name, transport, {
      time,
      random,
      atTurnEnd,
      cache: memory === null ? null : { memory, staleMs: this.options.cache?.staleWhileUnavailableMs ?? 0 },
      onNews: (news) => onNews?.(name, news),
    });
  }
}

function readable(response: VerifyTokenResponse, question: GuardQuestion): Judgement {
  try {
    return judgementOf(response, question);
  } catch (cause) {
    throw unavailable("the verifier's answer can't be read", cause);
  }
}

function unavailable(detail: string, cause?: unknown): UnavailableError {
  return new UnavailableError('Tokens can not be verified now.', { detail, cause });
}
