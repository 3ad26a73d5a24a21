import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { VerifyTokenRequest, VerifyTokenResponse, VerifyTokensRequest, VerifyTokensResponse } from '#libs/contract';
import { type Judgement, type TokenQuestion, TokenVerification } from '#libs/verification';
import { CallEndedError } from '../grpc/call-ended.js';
import { hasPassed } from '../grpc/deadline.js';
import { ErrorTranslator } from '../grpc/error-translator.js';
import { callerAddress } from './caller-address.js';
import { readQuestion, readQuestions } from './read-question.js';
import { serviceTokenOf } from './service-token.js';
import { writeResponse } from './write-response.js';

/** What any call tells, whatever it asks. */
type Call = Pick<ServerUnaryCall<unknown, unknown>, 'cancelled' | 'getDeadline' | 'getPeer'>;

const SERVICE = 'TokenVerifierService';

/** Answers services that ask about tokens. A refused token is an answer; an error is a question that was not answered. */
@Controller()
@UseFilters(ErrorTranslator)
export class TokenVerifierController {
  constructor(private readonly verification: TokenVerification) {}

  @GrpcMethod(SERVICE, 'verifyToken')
  async verifyToken(request: VerifyTokenRequest, metadata: Metadata, call: Call): Promise<VerifyTokenResponse> {
    const [judgement] = await this.#verify(() => [readQuestion(request)], metadata, call);
    if (judgement === undefined) throw new Error('one question, no verdict');
    return writeResponse(judgement.verdict);
  }

  @GrpcMethod(SERVICE, 'verifyTokens')
  async verifyTokens(request: VerifyTokensRequest, metadata: Metadata, call: Call): Promise<VerifyTokensResponse> {
    const judgements = await this.#verify(() => readQuestions(request), metadata, call);
    return { responses: judgements.map(({ verdict }) => writeResponse(verdict)) };
  }

  /** Who brings no service key is told that before anything else. */
  #verify(
    read: () => readonly TokenQuestion[],
    metadata: Metadata,
    call: Call,
  ): readonly Judgement[] | Promise<readonly Judgement[]> {
    const serviceToken = serviceTokenOf(metadata);
    const questions = serviceToken === null ? [] : read();
    assertAwaited(call);
    return this.verification.verifyForService(serviceToken, questions, callerAddress(call.getPeer()));
  }
}

/** Nobody waits for the answer: the store is not troubled with it. */
function assertAwaited(call: Call): void {
  if (call.cancelled) throw new CallEndedError('cancelled');
  if (hasPassed(call.getDeadline())) throw new CallEndedError('deadline exceeded');
}
