import { Inject, Injectable } from '@nestjs/common';
import {
  decide,
  ForbiddenError,
  type FoundSecret,
  isWellFormed,
  type KeyRecord,
  PepperRing,
  SecretLookup,
  type TokenRules,
  TokenRulesSource,
  UnauthorizedError,
  type Verdict,
} from '#libs/key-domain';
import { DigestMoves } from './digest-moves.js';
import { FoundSecrets } from './found-secrets.js';
import { LastUses } from './last-uses.js';
import { presentedSecret, type PresentedSecret } from './presented-secret.js';
import type { TokenQuestion } from './token-question.js';
import { VerificationMetrics } from './verification-metrics.js';

const MAY_VERIFY = 'mintmark:tokens:verify';

/** Judges presented tokens. Every verdict rests on one reading of the primary, begun after the question was asked; nothing is remembered. */
@Injectable()
export class TokenVerification {
  constructor(
    @Inject(SecretLookup) private readonly lookup: SecretLookup,
    @Inject(TokenRulesSource) private readonly rules: TokenRulesSource,
    private readonly peppers: PepperRing,
    private readonly uses: LastUses,
    private readonly moves: DigestMoves,
    private readonly metrics: VerificationMetrics,
  ) {}

  /**
   * Judges tokens for a service, which sees its own account's keys alone.
   * @param serviceToken the service key that the caller presented; null: none
   * @param callerIp the caller's own address, for a service key that is bound to addresses; empty: unknown
   * @returns the verdicts in the order of the questions
   * @throws UnauthorizedError when the service key is no good
   * @throws ForbiddenError when it may not verify
   * @throws UnavailableError when the question could not be answered
   */
  verifyForService(serviceToken: string | null, questions: readonly TokenQuestion[], callerIp = ''): Promise<readonly Verdict[]> {
    return this.metrics.measure(async () => {
      const service = presentedSecret({ token: serviceToken ?? '' }, this.peppers);
      if (service.digests === null) throw unauthorized('none, or not the form of a token');
      const asked = questions.map((question) => ({ question, presented: presentedSecret(question.credential, this.peppers) }));
      const secrets = await FoundSecrets.lookUp(this.lookup, [service, ...asked.map(({ presented }) => presented)]);
      const { accountId } = this.#admit(service, callerIp, secrets);
      const unsure = asked.some(({ presented }) => mayBeMalformed(presented, secrets, accountId));
      const asker = { accountId, rules: unsure ? await this.rules.rulesOf(accountId) : null };
      return asked.map(({ question, presented }) => this.#judge(question, presented, secrets, asker));
    });
  }

  /**
   * Judges a token of any account: for Mintmark's own admin alone, which learns from it whose key it is.
   * @throws UnavailableError when the question could not be answered
   */
  async verifyAcrossAccounts(question: TokenQuestion): Promise<Verdict> {
    const [verdict] = await this.metrics.measure(async () => {
      const presented = presentedSecret(question.credential, this.peppers);
      if (presented.digests === null) return [MALFORMED] as const;
      const secrets = await FoundSecrets.lookUp(this.lookup, [presented]);
      return [this.#judge(question, presented, secrets, { accountId: null, rules: null })] as const;
    });
    return verdict;
  }

  /**
   * A suspended account's services may still ask, and hear ACCOUNT_SUSPENDED of every key of theirs: an error would
   * tell their users to try again.
   */
  #admit(service: PresentedSecret, callerIp: string, secrets: FoundSecrets): KeyRecord {
    const question = { requiredScopes: [MAY_VERIFY], productId: '', clientIp: callerIp, environment: '', cost: 0 };
    const found = secrets.of(service);
    const record = found === null ? null : { ...found.record, accountSuspended: false };
    const verdict = decide(record, { ...question, wellFormed: true, accountId: null }, null, secrets.now);
    this.#note(verdict, found, service, secrets.now);
    if (verdict.code === 'VALID') return verdict.record;
    if (verdict.code !== 'INSUFFICIENT_SCOPE') throw unauthorized(verdict.code);
    throw new ForbiddenError(`The service key lacks the scope ${MAY_VERIFY}.`, { detail: `key ${verdict.record.keyId}` });
  }

  #judge(question: Omit<TokenQuestion, 'credential'>, presented: PresentedSecret, secrets: FoundSecrets, asker: Asker): Verdict {
    const found = secrets.of(presented);
    const record = found !== null && isVisible(found.record, asker.accountId) ? found.record : null;
    const wellFormed = record !== null || isFormed(presented, asker.rules);
    const verdict = decide(record, { ...question, wellFormed, accountId: asker.accountId }, null, secrets.now);
    this.#note(verdict, found, presented, secrets.now);
    return verdict;
  }

  #note(verdict: Verdict, found: FoundSecret | null, presented: PresentedSecret, now: number): void {
    if (found !== null) this.moves.consider(found, presented);
    if (verdict.code === 'VALID') this.uses.note(verdict.record, now);
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

function mayBeMalformed(presented: PresentedSecret, secrets: FoundSecrets, accountId: string): boolean {
  if (presented.token === null || presented.digests === null) return false;
  const found = secrets.of(presented);
  return found === null || !isVisible(found.record, accountId);
}

function isFormed({ token, digests }: PresentedSecret, rules: TokenRules | null): boolean {
  if (digests === null) return false;
  return token === null || rules === null || isWellFormed(token, rules);
}

function unauthorized(reason: string): UnauthorizedError {
  return new UnauthorizedError('The service key is missing or not accepted.', { detail: `service key: ${reason}` });
}
