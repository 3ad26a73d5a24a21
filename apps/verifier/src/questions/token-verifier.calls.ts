import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Injectable } from '@nestjs/common';
import { TokenVerifierServiceService } from '#libs/contract';
import { InvalidRequestError, type Verdict } from '#libs/key-domain';
import { type Judgement, TokenVerification } from '#libs/verification';
import { CallEndedError } from '../grpc/call-ended.js';
import { hasPassed, monotonicDeadline } from '../grpc/deadline.js';
import { ErrorTranslator } from '../grpc/error-translator.js';
import type { PlainService } from '../grpc/plain-service.js';
import { GuardAnswers } from '../sessions/guard-answers.js';
import { assertAnswersFit } from './answer-size.js';
import { callerAddress } from './caller-address.js';
import { type Asked, readVerifyToken, readVerifyTokens } from './read-call.js';
import { serviceTokenOf } from './service-token.js';
import { AnswerWriter, writeBatch } from './write-answer.js';

/** What is needed of a call, whichever it is. */
type Call = Pick<ServerUnaryCall<Asked, Buffer>, 'request' | 'metadata' | 'cancelled' | 'getDeadline' | 'getPeer'>;
type Respond = sendUnaryData<Buffer>;
/** @param sessionId the guard session that asks; empty: none */
type Write = (judgements: readonly Judgement[], sessionId: string) => Buffer;

const { verifyToken, verifyTokens } = TokenVerifierServiceService;

/** Answers services that ask about tokens. A refused token is an answer; an error is a question that was not answered. */
@Injectable()
export class TokenVerifierCalls {
  readonly #answers = new AnswerWriter();

  constructor(
    private readonly verification: TokenVerification,
    private readonly guardAnswers: GuardAnswers,
    private readonly errors: ErrorTranslator,
  ) {}

  readonly service: PlainService = {
    definition: {
      verifyToken: { ...verifyToken, requestDeserialize: readVerifyToken, responseSerialize: asItIs },
      verifyTokens: { ...verifyTokens, requestDeserialize: readVerifyTokens, responseSerialize: asItIs },
    },
    implementation: {
      verifyToken: (call: Call, respond: Respond) => {
        this.#serve(call, respond, this.#writeOne);
      },
      verifyTokens: (call: Call, respond: Respond) => {
        this.#serve(call, respond, this.#writeAll);
      },
    },
  };

  readonly #writeOne: Write = (judgements, sessionId) => {
    const judgement = judgements[0];
    if (judgement === undefined) throw new Error('one question, no verdict');
    return this.#write(judgement, sessionId);
  };

  readonly #writeAll: Write = (judgements, sessionId) =>
    writeBatch(judgements.map((judgement) => this.#write(judgement, sessionId)));

  readonly #assertFit = (verdicts: readonly Verdict[]): void => {
    assertAnswersFit(verdicts, this.#answers);
  };

  #write(judgement: Judgement, sessionId: string): Buffer {
    return this.#answers.write(judgement.verdict, judgement.left, this.guardAnswers.keepFor(sessionId, judgement));
  }

  #serve(call: Call, respond: Respond, write: Write): void {
    try {
      const judgements = this.#judge(call);
      if (judgements instanceof Promise) void this.#serveLater(judgements, call, respond, write);
      else respond(null, write(judgements, sessionOf(call)));
    } catch (error) {
      respond(this.errors.translate(error));
    }
  }

  async #serveLater(judgements: Promise<readonly Judgement[]>, call: Call, respond: Respond, write: Write): Promise<void> {
    try {
      respond(null, write(await judgements, sessionOf(call)));
    } catch (error) {
      respond(this.errors.translate(error));
    }
  }

  /** Who brings no service key is told that before anything else. */
  #judge(call: Call): readonly Judgement[] | Promise<readonly Judgement[]> {
    const serviceToken = serviceTokenOf(call.metadata);
    const asked = call.request;
    if (serviceToken !== null && asked instanceof InvalidRequestError) throw asked;
    assertAwaited(call);
    const questions = asked instanceof InvalidRequestError ? [] : asked.questions;
    return this.verification.verifyForService(serviceToken, questions, {
      callerIp: () => callerAddress(call.getPeer()),
      until: () => monotonicDeadline(call.getDeadline()),
      beforeCounting: this.#assertFit,
    });
  }
}

function sessionOf({ request }: Call): string {
  return request instanceof InvalidRequestError ? '' : request.guardSessionId;
}

function asItIs(message: Buffer): Buffer {
  return message;
}

/** Nobody waits for the answer: the store is not troubled with it. */
function assertAwaited(call: Call): void {
  if (call.cancelled) throw new CallEndedError('cancelled');
  if (hasPassed(call.getDeadline())) throw new CallEndedError('deadline exceeded');
}
