import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { TokenVerifierServiceClient, VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { isPlausibleToken, UnavailableError, type Verdict } from '#libs/key-domain';
import { ApiKeyOptionsError } from '../options-error.js';
import type { ServiceKey, VerifierOptions } from '../options.js';
import type { GuardQuestion, TokenVerifier } from '../token-verifier.js';
import { connect } from './verifier-connection.js';
import { verifierAddresses } from './verifier-address.js';
import { verdictOf } from './verdict-of-response.js';

const DEFAULT_DEADLINE_MS = 2_000;

/** The question or its answer was lost on the way: nobody here cancels a call, so CANCELLED is a server that closed the connection. */
const LOST: readonly status[] = [status.UNAVAILABLE, status.CANCELLED];

/** Asks verifiers over gRPC, in turn; a question that got lost is asked once more, of the next one. */
export class GrpcTokenVerifier implements TokenVerifier, OnApplicationShutdown {
  readonly #verifiers: readonly [TokenVerifierServiceClient, ...TokenVerifierServiceClient[]];
  readonly #serviceKey: ServiceKey;
  readonly #deadlineMs: number;
  #turn = 0;

  /** @throws ApiKeyOptionsError when an option can't be used */
  constructor({ verifierUrl, serviceKey, allowInsecure = false, deadlineMs = DEFAULT_DEADLINE_MS }: VerifierOptions) {
    if (serviceKey === undefined || serviceKey === '') throw new ApiKeyOptionsError('serviceKey is not set');
    if (typeof serviceKey === 'string' && !isPlausibleToken(serviceKey)) throw new ApiKeyOptionsError('serviceKey is no key');
    this.#serviceKey = serviceKey;
    this.#deadlineMs = deadlineMs;
    const [first, ...others] = verifierAddresses(verifierUrl, allowInsecure);
    this.#verifiers = [connect(first), ...others.map(connect)];
  }

  async verify(question: GuardQuestion): Promise<Verdict> {
    const call = { request: requestOf(question), metadata: await this.#authorization(), deadline: Date.now() + this.#deadlineMs };
    const response = await this.#askUpToTwice(call).catch((error: unknown) => {
      throw outage(error);
    });
    return readable(response, question);
  }

  /** Only once the HTTP server has finished what it had begun. */
  onApplicationShutdown(): void {
    for (const verifier of this.#verifiers) verifier.close();
  }

  async #askUpToTwice(call: Call): Promise<VerifyTokenResponse> {
    const turn = this.#turn++;
    try {
      return await ask(this.#verifier(turn), call);
    } catch (error) {
      if (!isLost(error)) throw error;
      return ask(this.#verifier(turn + 1), call);
    }
  }

  #verifier(turn: number): TokenVerifierServiceClient {
    return this.#verifiers[turn % this.#verifiers.length] ?? this.#verifiers[0];
  }

  async #authorization(): Promise<Metadata> {
    const key = typeof this.#serviceKey === 'string' ? this.#serviceKey : await readServiceKey(this.#serviceKey);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key}`);
    return metadata;
  }
}

interface Call {
  readonly request: VerifyTokenRequest;
  readonly metadata: Metadata;
  /** Milliseconds since the Unix epoch. */
  readonly deadline: number;
}

function ask(verifier: TokenVerifierServiceClient, { request, metadata, deadline }: Call): Promise<VerifyTokenResponse> {
  return new Promise((resolve, reject) => {
    verifier.verifyToken(request, metadata, { deadline }, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

function isLost(error: unknown): boolean {
  return isServiceError(error) && LOST.includes(error.code);
}

async function readServiceKey(serviceKey: Exclude<ServiceKey, string>): Promise<string> {
  try {
    const key = await serviceKey();
    if (isPlausibleToken(key)) return key;
  } catch (cause) {
    throw unavailable('the service key could not be read', cause);
  }
  throw unavailable('what was read as the service key has not the form of a key');
}

function requestOf(question: GuardQuestion): VerifyTokenRequest {
  return {
    credential: { $case: 'tokenSha256', value: Buffer.from(question.tokenSha256) },
    requiredScopes: [...question.requiredScopes],
    productId: question.productId,
    clientIp: question.clientIp,
    environment: question.environment,
    cost: question.cost,
    tags: {},
    guardSessionId: '',
  };
}

function readable(response: VerifyTokenResponse, question: GuardQuestion): Verdict {
  try {
    return verdictOf(response, question);
  } catch (cause) {
    throw unavailable("the verifier's answer can't be read", cause);
  }
}

/** The end user's token has no part in any of these: they are told of an outage, and the service's own people of the cause. */
function outage(error: unknown): UnavailableError {
  if (!isServiceError(error)) return unavailable('the verifier could not be asked', error);
  switch (error.code) {
    case status.UNAUTHENTICATED:
      return unavailable('the verifier does not accept the service key: check serviceKey (MINTMARK_SERVICE_KEY)');
    case status.PERMISSION_DENIED:
      return unavailable('the service key (MINTMARK_SERVICE_KEY) lacks the scope mintmark:tokens:verify');
    default:
      return unavailable(`the verifier could not be asked: ${status[error.code]} ${error.details}`);
  }
}

function unavailable(detail: string, cause?: unknown): UnavailableError {
  return new UnavailableError('Tokens can not be verified now.', { detail, cause });
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}
