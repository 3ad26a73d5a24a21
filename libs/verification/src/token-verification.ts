import { Injectable } from '@nestjs/common';
import {
  decide,
  ForbiddenError,
  isWellFormed,
  type KeyRecord,
  type LimitsLeft,
  type ReadStamp,
  type TokenRules,
  UnauthorizedError,
  type Verdict,
  type VerdictRequest,
} from '#libs/key-domain';
import { AccountRules } from './account-rules.js';
import { type CallTerms, NO_TERMS } from './call-terms.js';
import { LastUses } from './last-uses.js';
import { LimitTakings } from './limit-takings.js';
import { type CountedVerdict, countRequests, limitedRecord } from './limited-requests.js';
import { presentedSecret, type PresentedSecret } from './presented-secret.js';
import { type KnownSecret, SecretReading } from './secret-reading.js';
import type { TokenQuestion } from './token-question.js';
import { UsageCounts } from './usage-counts.js';
import { VerificationMetrics } from './verification-metrics.js';

const MAY_VERIFY = 'mintmark:tokens:verify';

/** What is asked about the service key of a call. */
const ADMISSION: VerdictRequest = {
  wellFormed: true,
  accountId: null,
  requiredScopes: [MAY_VERIFY],
  productId: '',
  clientIp: '',
  environment: '',
  cost: 0,
};

/** What was found out about one token. */
export interface Judgement {
  readonly verdict: Verdict;
  /**
   * How far changes had been applied before anything of it was read: it may be kept by others only if nothing of the
   * key has changed since. Null: it may not be kept.
   */
  readonly stamp: ReadStamp | null;
  /** What is left of the key's limits, after the verification where it took from them; null: it has none, or they were not judged. */
  readonly left: LimitsLeft | null;
}

/** A service key that was accepted, with how far changes had been applied before it was read. */
export interface AdmittedService {
  readonly record: KeyRecord;
  readonly stamp: ReadStamp | null;
}

/** What was asked. */
interface Inquiry {
  readonly questions: readonly TokenQuestion[];
  readonly terms: CallTerms;
}

/** And with which service key. */
interface ServiceInquiry extends Inquiry {
  readonly service: PresentedSecret;
}

/** Questions that are read together with a service key that is not remembered: so many look-ups may anybody cause. */
const MOST_UNINVITED = 4;

/**
 * Judges presented tokens. Every verdict rests on memory that a lease vouches for at a moment after the question
 * came, or on a reading of the primary that began after it came.
 */
@Injectable()
export class TokenVerification {
  constructor(
    private readonly secrets: SecretReading,
    private readonly rules: AccountRules,
    private readonly uses: LastUses,
    private readonly takings: LimitTakings,
    private readonly usage: UsageCounts,
    private readonly metrics: VerificationMetrics,
  ) {}

  /**
   * Judges tokens for a service, which sees its own account's keys alone. Answers without any wait where memory
   * knows everything and no key has limits.
   * @param serviceToken the service key that the caller presented; null: none
   * @returns the judgements in the order of the questions
   * @throws UnauthorizedError when the service key is no good
   * @throws ForbiddenError when it may not verify
   * @throws UnavailableError when the question could not be answered
   */
  verifyForService(
    serviceToken: string | null,
    questions: readonly TokenQuestion[],
    terms: CallTerms = NO_TERMS,
  ): readonly Judgement[] | Promise<readonly Judgement[]> {
    const service = presentedSecret({ token: serviceToken ?? '' });
    if (service.name === '') throw unauthorized('none, or not the form of a token');
    const began = this.metrics.now();
    const judgements = this.#answer({ service, questions, terms });
    if (judgements instanceof Promise) return judgements.then((done) => this.metrics.judged(done, began));
    return this.metrics.judged(judgements, began);
  }

  /**
   * Judges a service key alone, without any wait where memory knows it.
   * @throws UnauthorizedError, ForbiddenError, UnavailableError as above, at once or later
   */
  admitService(serviceToken: string | null, callerIp = NO_TERMS.callerIp): AdmittedService | Promise<AdmittedService> {
    const service = presentedSecret({ token: serviceToken ?? '' });
    if (service.name === '') throw unauthorized('none, or not the form of a token');
    const admitted = ([known]: readonly KnownSecret[]): AdmittedService => {
      if (known === undefined) throw new Error('one question, no answer');
      return { record: this.#admit(known, callerIp), stamp: known.stamp };
    };
    const remembered = this.secrets.remembered([service]);
    return remembered === null ? this.secrets.read([service]).then(admitted) : admitted(remembered);
  }

  /**
   * Judges a token of any account: for Mintmark's own admin alone, which learns from it whose key it is.
   * @throws UnavailableError when the question could not be answered
   */
  async verifyAcrossAccounts(question: TokenQuestion): Promise<Judgement> {
    const presented = presentedSecret(question.credential);
    if (presented.name === '') return { verdict: MALFORMED, stamp: null, left: null };
    const began = this.metrics.now();
    const known = this.secrets.remembered([presented]) ?? (await this.secrets.read([presented]));
    const inquiry = { questions: [question], terms: NO_TERMS };
    const judgements = await this.#judgeAll(inquiry, [presented], known, { accountId: null, rules: null });
    const [judgement] = this.metrics.judged(judgements, began);
    if (judgement === undefined) throw new Error('one question, no answer');
    return judgement;
  }

  /** Nothing is done for the questions of a service that memory knows to be none, or to be one that may not ask. */
  #answer(inquiry: ServiceInquiry): readonly Judgement[] | Promise<readonly Judgement[]> {
    const [ofService] = this.secrets.remembered([inquiry.service]) ?? [];
    if (ofService !== undefined) return this.#answerAdmitted(inquiry, this.#admit(ofService, inquiry.terms.callerIp));
    return inquiry.questions.length > MOST_UNINVITED ? this.#admitFirst(inquiry) : this.#admitTogether(inquiry);
  }

  #answerAdmitted(inquiry: Inquiry, { accountId }: KeyRecord): readonly Judgement[] | Promise<readonly Judgement[]> {
    const presented = presentedIn(inquiry.questions);
    const known = this.secrets.remembered(presented);
    if (known === null) return this.secrets.read(presented).then((read) => this.#judgeRead(inquiry, presented, read, accountId));
    const rules = this.rules.remembered(accountId);
    if (rules === null && isUnsure(presented, known, accountId)) return this.#judgeRead(inquiry, presented, known, accountId);
    return this.#judgeAll(inquiry, presented, known, { accountId, rules });
  }

  async #admitFirst(inquiry: ServiceInquiry): Promise<readonly Judgement[]> {
    const [ofService] = await this.secrets.read([inquiry.service]);
    if (ofService === undefined) throw new Error('one question, no answer');
    return this.#answerAdmitted(inquiry, this.#admit(ofService, inquiry.terms.callerIp));
  }

  /** One way to the store and back. */
  async #admitTogether(inquiry: ServiceInquiry): Promise<readonly Judgement[]> {
    const presented = presentedIn(inquiry.questions);
    const [ofService, ...ofTokens] = await this.secrets.read([inquiry.service, ...presented], presented);
    if (ofService === undefined) throw new Error('one question, no answer');
    const { accountId } = this.#admit(ofService, inquiry.terms.callerIp);
    this.secrets.rememberMissing(presented, ofTokens);
    return this.#judgeRead(inquiry, presented, ofTokens, accountId);
  }

  async #judgeRead(
    inquiry: Inquiry,
    presented: readonly PresentedSecret[],
    known: readonly KnownSecret[],
    accountId: string,
  ): Promise<readonly Judgement[]> {
    const unsure = isUnsure(presented, known, accountId);
    const rules = unsure ? (this.rules.remembered(accountId) ?? (await this.rules.read(accountId))) : null;
    return this.#judgeAll(inquiry, presented, known, { accountId, rules });
  }

  /**
   * A suspended account's services may still ask, and hear ACCOUNT_SUSPENDED of every key of theirs: an error would
   * tell their users to try again.
   */
  #admit({ record, now }: KnownSecret, callerIp: CallTerms['callerIp']): KeyRecord {
    const isBound = record !== null && record.allowedCidrs.length > 0;
    const unsuspended = record === null || !record.accountSuspended ? record : { ...record, accountSuspended: false };
    const verdict = decide(unsuspended, isBound ? { ...ADMISSION, clientIp: callerIp() } : ADMISSION, null, now);
    if (verdict.code === 'VALID') {
      this.uses.note(verdict.record, now);
      return verdict.record;
    }
    if (verdict.code !== 'INSUFFICIENT_SCOPE') throw unauthorized(verdict.code);
    throw new ForbiddenError(`The service key lacks the scope ${MAY_VERIFY}.`, { detail: `key ${verdict.record.keyId}` });
  }

  #judgeAll(
    inquiry: Inquiry,
    presented: readonly PresentedSecret[],
    known: readonly KnownSecret[],
    asker: Asker,
  ): readonly Judgement[] | Promise<readonly Judgement[]> {
    const judgements = inquiry.questions.map((question, index) => {
      const [secret, found] = [presented[index], known[index]];
      if (secret === undefined || found === undefined) throw new Error('one question, no answer');
      return this.#judge(question, secret, found, asker);
    });
    return judgements.some(({ verdict }) => limitedRecord(verdict) !== null)
      ? this.#countAll(inquiry, judgements, asker)
      : judgements;
  }

  /** The keys are good; whether enough is left of them is asked last, and of all at once, since asking takes it. All are of one account. */
  async #countAll({ questions, terms }: Inquiry, judgements: readonly Judgement[], asker: Asker): Promise<readonly Judgement[]> {
    terms.beforeCounting(judgements.map(({ verdict }) => verdict));
    const limited = judgements.flatMap(({ verdict }, index) => {
      const [record, question] = [limitedRecord(verdict), questions[index]];
      return record === null || question === undefined ? [] : [{ index, record, request: requestOf(question, asker, true) }];
    });
    const counted = await countRequests(this.takings, limited, terms.until());
    const places = new Map(limited.map(({ index }, place) => [index, counted[place]]));
    return judgements.map((judgement, index) => this.#standing(places.get(index)) ?? judgement);
  }

  #standing(counted: CountedVerdict | undefined): Judgement | null {
    if (counted === undefined) return null;
    const { verdict, left, now } = counted;
    if (now !== null) this.#note(verdict, now);
    return { verdict, stamp: null, left };
  }

  #judge(
    question: TokenQuestion,
    presented: PresentedSecret,
    { record: found, now, stamp }: KnownSecret,
    asker: Asker,
  ): Judgement {
    const record = found !== null && isVisible(found, asker.accountId) ? found : null;
    const wellFormed = record !== null || isFormed(presented, asker.rules);
    const verdict = decide(record, requestOf(question, asker, wellFormed), null, now);
    if (limitedRecord(verdict) === null) this.#note(verdict, now);
    return { verdict, stamp, left: null };
  }

  /** Of a verdict that stands. */
  #note(verdict: Verdict, now: number): void {
    if (verdict.code === 'VALID') this.uses.note(verdict.record, now);
    this.usage.count(verdict, now);
  }
}

/** Who asks: an account and, where a token may be malformed to it, its rules; null: Mintmark itself, of every account. */
interface Asker {
  readonly accountId: string | null;
  readonly rules: TokenRules | null;
}

function requestOf(question: TokenQuestion, { accountId }: Asker, wellFormed: boolean): VerdictRequest {
  const { requiredScopes, productId, clientIp, environment, cost } = question;
  return { requiredScopes, productId, clientIp, environment, cost, wellFormed, accountId };
}

const MALFORMED: Verdict = { code: 'MALFORMED', record: null };

/** Another account's token is malformed wherever an unknown one of the same text is: the difference would tell that it exists. */
function isVisible(record: KeyRecord, accountId: string | null): boolean {
  return accountId === null || record.accountId === accountId;
}

function presentedIn(questions: readonly TokenQuestion[]): readonly PresentedSecret[] {
  return questions.map(({ credential }) => presentedSecret(credential));
}

/** Whether it depends on the rules of the account how one of them is refused. */
function isUnsure(presented: readonly PresentedSecret[], known: readonly KnownSecret[], accountId: string): boolean {
  return presented.some((secret, index) => mayBeMalformed(secret, known[index], accountId));
}

function mayBeMalformed({ token, name }: PresentedSecret, known: KnownSecret | undefined, accountId: string): boolean {
  if (token === null || name === '') return false;
  const record = known?.record ?? null;
  return record === null || !isVisible(record, accountId);
}

function isFormed({ token, name }: PresentedSecret, rules: TokenRules | null): boolean {
  if (name === '') return false;
  return token === null || rules === null || isWellFormed(token, rules);
}

function unauthorized(reason: string): UnauthorizedError {
  return new UnauthorizedError('The service key is missing or not accepted.', { detail: `service key: ${reason}` });
}
