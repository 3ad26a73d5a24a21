import { Injectable } from '@nestjs/common';
import {
  decide,
  ForbiddenError,
  isWellFormed,
  type KeyRecord,
  type ReadStamp,
  type TokenRules,
  UnauthorizedError,
  type Verdict,
  type VerdictRequest,
} from '#libs/key-domain';
import { AccountRules } from './account-rules.js';
import { LastUses } from './last-uses.js';
import { presentedSecret, type PresentedSecret } from './presented-secret.js';
import { type KnownSecret, SecretReading } from './secret-reading.js';
import type { TokenQuestion } from './token-question.js';
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
}

/** A service key that was accepted, with how far changes had been applied before it was read. */
export interface AdmittedService {
  readonly record: KeyRecord;
  readonly stamp: ReadStamp | null;
}

/** Asked only of a service key that is bound to addresses: finding it out costs time. */
type CallerIp = () => string;

/** What was asked by whom, made ready. */
interface Inquiry {
  readonly service: PresentedSecret;
  readonly callerIp: CallerIp;
  readonly questions: readonly TokenQuestion[];
  readonly presented: readonly PresentedSecret[];
}

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
    private readonly metrics: VerificationMetrics,
  ) {}

  /**
   * Judges tokens for a service, which sees its own account's keys alone. Answers without any wait where memory
   * knows everything.
   * @param serviceToken the service key that the caller presented; null: none
   * @param callerIp tells the caller's own address, for a service key that is bound to addresses; empty: unknown
   * @returns the judgements in the order of the questions
   * @throws UnauthorizedError when the service key is no good
   * @throws ForbiddenError when it may not verify
   * @throws UnavailableError when the question could not be answered
   */
  verifyForService(
    serviceToken: string | null,
    questions: readonly TokenQuestion[],
    callerIp: CallerIp = () => '',
  ): readonly Judgement[] | Promise<readonly Judgement[]> {
    const service = presentedSecret({ token: serviceToken ?? '' });
    if (service.name === '') throw unauthorized('none, or not the form of a token');
    const presented = questions.map(({ credential }) => presentedSecret(credential));
    const inquiry = { service, callerIp, questions, presented };
    const began = this.metrics.now();
    const judgements = this.#fromMemory(inquiry) ?? this.#fromStore(inquiry);
    if (judgements instanceof Promise) return judgements.then((done) => this.metrics.judged(done, began));
    return this.metrics.judged(judgements, began);
  }

  /**
   * Judges a service key alone, without any wait where memory knows it.
   * @throws UnauthorizedError, ForbiddenError, UnavailableError as above, at once or later
   */
  admitService(serviceToken: string | null, callerIp: CallerIp = () => ''): AdmittedService | Promise<AdmittedService> {
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
  async verifyAcrossAccounts(question: TokenQuestion): Promise<Verdict> {
    const presented = presentedSecret(question.credential);
    if (presented.name === '') return MALFORMED;
    const began = this.metrics.now();
    const known = this.secrets.remembered([presented]) ?? (await this.secrets.read([presented]));
    const judgements = known.map((secret) => this.#judge(question, presented, secret, { accountId: null, rules: null }));
    this.metrics.judged(judgements, began);
    return judgements[0]?.verdict ?? MALFORMED;
  }

  #fromMemory({ service, callerIp, questions, presented }: Inquiry): readonly Judgement[] | null {
    const [ofService] = this.secrets.remembered([service]) ?? [];
    const ofTokens = this.secrets.remembered(presented);
    if (ofService === undefined || ofTokens === null) return null;
    const { accountId } = this.#admit(ofService, callerIp);
    const rules = this.rules.remembered(accountId);
    if (rules === null && presented.some((secret, index) => mayBeMalformed(secret, ofTokens[index], accountId))) return null;
    return this.#judgeAll({ questions, presented }, ofTokens, { accountId, rules });
  }

  async #fromStore({ service, callerIp, questions, presented }: Inquiry): Promise<readonly Judgement[]> {
    const [ofService, ...ofTokens] = await this.secrets.read([service, ...presented]);
    if (ofService === undefined) throw new Error('one question, no answer');
    const { accountId } = this.#admit(ofService, callerIp);
    const unsure = presented.some((secret, index) => mayBeMalformed(secret, ofTokens[index], accountId));
    const rules = unsure ? (this.rules.remembered(accountId) ?? (await this.rules.read(accountId))) : null;
    return this.#judgeAll({ questions, presented }, ofTokens, { accountId, rules });
  }

  /**
   * A suspended account's services may still ask, and hear ACCOUNT_SUSPENDED of every key of theirs: an error would
   * tell their users to try again.
   */
  #admit({ record, now }: KnownSecret, callerIp: CallerIp): KeyRecord {
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
    { questions, presented }: Pick<Inquiry, 'questions' | 'presented'>,
    known: readonly KnownSecret[],
    asker: Asker,
  ): readonly Judgement[] {
    return questions.map((question, index) => {
      const [secret, found] = [presented[index], known[index]];
      if (secret === undefined || found === undefined) throw new Error('one question, no answer');
      return this.#judge(question, secret, found, asker);
    });
  }

  #judge(
    question: TokenQuestion,
    presented: PresentedSecret,
    { record: found, now, stamp }: KnownSecret,
    asker: Asker,
  ): Judgement {
    const record = found !== null && isVisible(found, asker.accountId) ? found : null;
    const wellFormed = record !== null || isFormed(presented, asker.rules);
    const { requiredScopes, productId, clientIp, environment, cost } = question;
    const request = { requiredScopes, productId, clientIp, environment, cost, wellFormed, accountId: asker.accountId };
    const verdict = decide(record, request, null, now);
    if (verdict.code === 'VALID') this.uses.note(verdict.record, now);
    return { verdict, stamp };
  }
}

/** Who asks: an account and, where a token may be malformed to it, its rules; null: Mintmark itself, of every account. */
interface Asker {
  readonly accountId: string | null;
  readonly rules: TokenRules | null;
}

const MALFORMED: Verdict = { code: 'MALFORMED', record: null };

/** Another account's token is malformed wherever an unknown one of the same text is: the difference would tell that it exists. */
function isVisible(record: KeyRecord, accountId: string | null): boolean {
  return accountId === null || record.accountId === accountId;
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
