import type { VerifyTokenRequest, VerifyTokensRequest } from '#libs/contract';
import { type InputFault, InvalidRequestError, MAX_SCOPE_LENGTH, TOKEN_SHA256_BYTES } from '#libs/key-domain';
import type { Credential, TokenQuestion } from '#libs/verification';

/** What a caller's own fields may hold: characters, and elements of lists. */
export const LIMITS = {
  requests: 1_000,
  requiredScopes: 64,
  scope: MAX_SCOPE_LENGTH,
  productId: 128,
  clientIp: 64,
  environment: 32,
  tags: 16,
  tagName: 64,
  tagValue: 256,
  guardSessionId: 128,
} as const;

/** Credits, where none are named. */
export const DEFAULT_COST = 1;

/** A question as the wire brought it. */
export interface AskedQuestion extends TokenQuestion {
  /** The guard session that asks; empty: none. */
  readonly guardSessionId: string;
}

export interface QuestionBatch {
  readonly questions: readonly AskedQuestion[];
  /** The guard session that asks them all; empty: none. */
  readonly guardSessionId: string;
}

/**
 * Reads one question. Whatever an end user may have sent is no fault: any text for a token, any text for an address.
 * @param path where the question stands, with a dot at its end; empty: it is the whole
 * @throws InvalidRequestError naming the field
 */
export function readQuestion(request: VerifyTokenRequest, path = ''): AskedQuestion {
  const faults = faultsOf(request);
  if (faults.length > 0) throw new InvalidRequestError(faults.map((fault) => ({ ...fault, path: path + fault.path })));
  return {
    credential: credentialOf(request, path),
    requiredScopes: request.requiredScopes,
    productId: request.productId,
    clientIp: request.clientIp,
    environment: request.environment,
    cost: request.cost ?? DEFAULT_COST,
    guardSessionId: request.guardSessionId,
  };
}

/**
 * Reads a batch.
 * @throws InvalidRequestError naming the first bad request by its index
 */
export function readQuestions({ requests, guardSessionId }: VerifyTokensRequest): QuestionBatch {
  if (requests.length > LIMITS.requests) throw InvalidRequestError.at('requests', `takes at most ${LIMITS.requests}`);
  const fault = tooLong('guard_session_id', guardSessionId, LIMITS.guardSessionId);
  if (fault !== null) throw new InvalidRequestError([fault]);
  return { questions: requests.map((request, index) => readQuestion(request, `requests[${index}].`)), guardSessionId };
}

function credentialOf({ credential }: VerifyTokenRequest, path: string): Credential {
  if (credential === undefined) throw InvalidRequestError.at(`${path}credential`, 'is missing: set token or token_sha256');
  if (credential.$case === 'token') return { token: credential.value };
  if (credential.value.length === TOKEN_SHA256_BYTES) return { sha256: credential.value };
  throw InvalidRequestError.at(`${path}token_sha256`, `takes ${TOKEN_SHA256_BYTES} bytes`);
}

function faultsOf(request: VerifyTokenRequest): InputFault[] {
  const tags = Object.entries(request.tags);
  return [
    tooMany('required_scopes', request.requiredScopes, LIMITS.requiredScopes),
    ...request.requiredScopes
      .map((scope, index) => tooLong(`required_scopes[${index}]`, scope, LIMITS.scope))
      .slice(0, LIMITS.requiredScopes),
    tooLong('product_id', request.productId, LIMITS.productId),
    tooLong('client_ip', request.clientIp, LIMITS.clientIp),
    tooLong('environment', request.environment, LIMITS.environment),
    tooMany('tags', tags, LIMITS.tags),
    ...tags
      .slice(0, LIMITS.tags)
      .flatMap(([name, value]) => [tooLong('tags', name, LIMITS.tagName), tooLong('tags', value, LIMITS.tagValue)]),
    tooLong('guard_session_id', request.guardSessionId, LIMITS.guardSessionId),
  ].filter((fault) => fault !== null);
}

function tooLong(path: string, text: string, limit: number): InputFault | null {
  return text.length > limit ? { path, message: `takes at most ${limit} characters` } : null;
}

function tooMany(path: string, list: readonly unknown[], limit: number): InputFault | null {
  return list.length > limit ? { path, message: `takes at most ${limit}` } : null;
}
