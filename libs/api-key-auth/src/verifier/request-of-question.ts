import type { VerifyTokenRequest } from '#libs/contract';
import type { GuardQuestion } from '../token-verifier.js';

/** A question as the contract has it; the session that it names is added where it is sent. */
export function requestOf(question: GuardQuestion): VerifyTokenRequest {
  const { buffer, byteOffset, byteLength } = question.tokenSha256;
  return {
    credential: { $case: 'tokenSha256', value: Buffer.from(buffer, byteOffset, byteLength) },
    requiredScopes: [...question.requiredScopes],
    productId: question.productId,
    clientIp: question.clientIp,
    environment: question.environment,
    cost: question.cost,
    tags: {},
    guardSessionId: '',
  };
}
