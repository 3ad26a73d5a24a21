import { credentials, Metadata, status } from '@grpc/grpc-js';
import { TokenVerifierServiceClient, VerificationCode, VerifyTokenRequest, type VerifyTokenResponse } from '#libs/contract';
import type { Verdict } from '../history/key-traits.js';
import { ANSWER_LIMIT_MS, SCOPE, type Target, type TargetAnswer } from './target.js';

const CHANNEL = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500, 'grpc.enable_http_proxy': 0 };

const VERDICTS: ReadonlyMap<VerificationCode, Verdict> = new Map([
  [VerificationCode.VERIFICATION_CODE_VALID, 'VALID'],
  [VerificationCode.VERIFICATION_CODE_NOT_FOUND, 'NOT_FOUND'],
  [VerificationCode.VERIFICATION_CODE_REVOKED, 'REVOKED'],
  [VerificationCode.VERIFICATION_CODE_EXPIRED, 'EXPIRED'],
  [VerificationCode.VERIFICATION_CODE_DISABLED, 'DISABLED'],
  [VerificationCode.VERIFICATION_CODE_INSUFFICIENT_SCOPE, 'INSUFFICIENT_SCOPE'],
]);

/** A verifier, asked over gRPC by a plain caller without a session. */
export class VerifierTarget implements Target {
  readonly #client: TokenVerifierServiceClient;
  readonly #metadata = new Metadata();

  constructor(
    readonly name: string,
    host: string,
    serviceKey: string,
  ) {
    this.#client = new TokenVerifierServiceClient(host, credentials.createInsecure(), CHANNEL);
    this.#metadata.set('authorization', `Bearer ${serviceKey}`);
  }

  ask(token: string): Promise<TargetAnswer> {
    const question: VerifyTokenRequest = {
      ...VerifyTokenRequest.decode(new Uint8Array()),
      credential: { $case: 'token', value: token },
      requiredScopes: [SCOPE],
    };
    return new Promise((resolve) => {
      this.#client.verifyToken(question, this.#metadata, { deadline: Date.now() + ANSWER_LIMIT_MS }, (error, response) => {
        resolve(error === null ? answerOf(response) : failureOf(error.code, error.details));
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}

function answerOf({ code, cacheTtl }: VerifyTokenResponse): TargetAnswer {
  const verdict = VERDICTS.get(code);
  if (verdict === undefined) return { kind: 'unexpected', what: VerificationCode[code] };
  const isKept = cacheTtl !== undefined && (cacheTtl.seconds > 0 || cacheTtl.nanos > 0);
  if (isKept) return { kind: 'unexpected', what: 'an answer to keep, without a session' };
  return { kind: 'verdict', verdicts: [verdict] };
}

function failureOf(code: status, details: string): TargetAnswer {
  switch (code) {
    case status.UNAVAILABLE:
      return { kind: 'unavailable' };
    case status.CANCELLED:
    case status.DEADLINE_EXCEEDED:
      return { kind: 'lost' };
    default:
      return { kind: 'unexpected', what: `${status[code]} ${details}` };
  }
}
