import { Inject, Injectable } from '@nestjs/common';
import { isCidr, type LimitsLeft, SYSTEM_TIME, UnavailableError, type Verdict } from '#libs/key-domain';
import { isLetIn } from './current-key.js';
import { ApiKeyOptionsError } from './options-error.js';
import { grantOf, type KeyGrant } from './key-grant.js';
import { GUARD_OPTIONS, type GuardOptions } from './options.js';
import { answerTo, answerToFault, isOfGoodToken } from './refusal/answer.js';
import { refusalTerms } from './refusal/refusal-terms.js';
import { RefusalsByAddress } from './refusal/refusals-by-address.js';
import { RefusedError, type RefusedKey } from './refusal/refused-error.js';
import { clientIp } from './request/client-ip.js';
import { readCredential } from './request/credential.js';
import { type HttpRequest, peerOf, rawHeadersOf } from './request/http-request.js';
import { TokenInquiry } from './request/token-inquiry.js';
import { type GuardQuestion, type Judgement, TokenVerifier } from './token-verifier.js';

/** What a route demands of a key. */
export interface RouteDemands {
  readonly requiredScopes: readonly string[];
  /** Empty: none. */
  readonly productId: string;
  /** Credits that the request takes; 0: none, and it is counted by no rate limit. */
  readonly cost: number;
}

/** That a request is let in. */
export interface Admission {
  readonly grant: KeyGrant;
  /** What is left of the key's limits; null: it has none. */
  readonly left: LimitsLeft | null;
}

/** Longest id that a product can have, in characters. */
const MAX_PRODUCT_ID_LENGTH = 128;

/** Finds out which key a request was sent with, and whether it may do what it asks for. */
@Injectable()
export class ApiKeyAuthenticator {
  readonly #environment: string;
  readonly #trustedProxies: readonly string[];
  /** Null: refusals are not counted. */
  readonly #refusals: RefusalsByAddress | null;

  constructor(
    @Inject(TokenVerifier) private readonly verifier: TokenVerifier,
    @Inject(GUARD_OPTIONS) { environment = '', trustedProxies = [], refusalsPerAddress }: GuardOptions,
  ) {
    const wrong = trustedProxies.find((range) => !isCidr(range));
    if (wrong !== undefined) throw new ApiKeyOptionsError(`trustedProxies: ${JSON.stringify(wrong)} is no CIDR range`);
    this.#environment = environment;
    this.#trustedProxies = Object.freeze([...trustedProxies]);
    const terms = refusalTerms(refusalsPerAddress);
    this.#refusals = terms === null ? null : new RefusalsByAddress(SYSTEM_TIME, terms);
  }

  /**
   * The token that a request presents in its headers, judged by its form alone.
   * @throws RefusedError when there is none
   */
  tokenOf(request: HttpRequest): string {
    const credential = readCredential(request.headers.authorization, rawHeadersOf(request));
    if ('fault' in credential) throw new RefusedError(answerToFault(credential.fault));
    return credential.token;
  }

  /**
   * Judges by what the verifier keeps of earlier answers, at once. Null: that takes `authenticate`.
   * @throws RefusedError when the request is not to be let in
   */
  recall(token: string, request: HttpRequest, demands: RouteDemands): KeyGrant | null {
    if (this.verifier.judgeKept === undefined) return null;
    const verdict = this.verifier.judgeKept(this.#inquiry(token, request, demands));
    return verdict === null ? null : grantIn(verdict, demands);
  }

  /**
   * Takes from the key's limits once for each request: one that was let in already, and that a second guard or a handler that
   * goes on answering asks about again, takes nothing more, and is not refused for what it took itself.
   * @throws RefusedError when the request is not to be let in
   * @throws UnavailableError when that could not be found out
   */
  async authenticate(token: string, request: HttpRequest, demands: RouteDemands): Promise<Admission> {
    const again = isLetIn(request);
    const inquiry = this.#inquiry(token, request, again ? { ...demands, cost: 0 } : demands);
    this.#refusals?.assertMayAsk(inquiry.clientIp, inquiry.tokenName);
    const { verdict, left } = await this.#ask(inquiry);
    this.#refusals?.note(inquiry.tokenName, isOfGoodToken(verdict));
    const isWithinLimits = again && verdict.code === 'RATE_LIMITED';
    return { grant: isWithinLimits ? grantOf(verdict.record) : grantIn(verdict, demands, left), left };
  }

  /**
   * Counts a refusal by the client's address. Of one that was refused too often another one comes back, which tells of no key: it
   * says nothing about any.
   */
  counted(refused: RefusedError, request: HttpRequest): RefusedError {
    const answer = this.#refusals?.answerTo(refused.answer, this.#addressOf(request)) ?? refused.answer;
    return answer === refused.answer ? refused : new RefusedError(answer);
  }

  #inquiry(token: string, request: HttpRequest, { requiredScopes, productId, cost }: RouteDemands): TokenInquiry {
    return new TokenInquiry(token, requiredScopes, askable(productId), this.#addressOf(request), this.#environment, cost);
  }

  /** Of the client; empty: unknown. */
  #addressOf(request: HttpRequest): string {
    return clientIp(peerOf(request), request.headers['x-forwarded-for'], this.#trustedProxies);
  }

  /** Whatever goes wrong with the verifier is an outage: it must never look like a judgement of the token. */
  async #ask(question: GuardQuestion): Promise<Judgement> {
    try {
      return await this.verifier.verify(question);
    } catch (cause) {
      if (cause instanceof UnavailableError) throw cause;
      throw new UnavailableError('Verification failed.', { detail: 'the token verifier failed', cause });
    }
  }
}

function grantIn(verdict: Verdict, demands: RouteDemands, left: LimitsLeft | null = null): KeyGrant {
  if (verdict.code !== 'VALID') throw new RefusedError(answerTo(verdict, demands.requiredScopes), keyOf(verdict), left);
  return grantOf(verdict.record);
}

function keyOf({ record }: Verdict): RefusedKey | null {
  return record === null ? null : { keyId: record.keyId, secretId: record.secretId, accountId: record.accountId };
}

/**
 * An id that is too long for any product's is the end user's fault, while the verifier would call it ours: it is
 * asked about as one that no product has either.
 */
function askable(productId: string): string {
  return productId.length <= MAX_PRODUCT_ID_LENGTH ? productId : NO_PRODUCT;
}

/** Text that Postgres can't store is in no key's list. */
const NO_PRODUCT = '\u0000';
