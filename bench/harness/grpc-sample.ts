import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  TokenVerifierServiceClient,
  VerificationCode,
  type VerifyTokenRequest,
  VerifyTokenResponse,
  type VerifyTokensRequest,
  VerifyTokensResponse,
} from '#libs/contract';

const SAMPLE = 20;
const DEADLINE_MS = 5000;

/** Calls with a client that sees the grpc-status that h2load does not. */
export class Sampler {
  readonly #metadata = new Metadata();

  constructor(
    private readonly serverUrl: string,
    serviceKey: string,
  ) {
    this.#metadata.set('authorization', `Bearer ${serviceKey}`);
  }

  /**
   * Makes a few calls.
   * @returns the last answer, encoded
   * @throws ServiceError on any status but OK, Error on any verdict but VALID
   */
  async one(request: VerifyTokenRequest): Promise<Buffer> {
    const answer = await this.#last<VerifyTokenResponse>((client, deadline, done) => {
      client.verifyToken(request, this.#metadata, { deadline }, done);
    });
    assertValid(answer);
    return Buffer.from(VerifyTokenResponse.encode(answer).finish());
  }

  /** The same with batches. */
  async many(request: VerifyTokensRequest): Promise<Buffer> {
    const answer = await this.#last<VerifyTokensResponse>((client, deadline, done) => {
      client.verifyTokens(request, this.#metadata, { deadline }, done);
    });
    answer.responses.forEach(assertValid);
    return Buffer.from(VerifyTokensResponse.encode(answer).finish());
  }

  async #last<Answer>(
    ask: (
      client: TokenVerifierServiceClient,
      deadline: number,
      done: (error: ServiceError | null, answer: Answer) => void,
    ) => void,
  ): Promise<Answer> {
    const client = new TokenVerifierServiceClient(new URL(this.serverUrl).host, credentials.createInsecure());
    const call = () =>
      new Promise<Answer>((resolve, reject) => {
        ask(client, Date.now() + DEADLINE_MS, (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        });
      });
    try {
      let answer = await call();
      for (let calls = 1; calls < SAMPLE; calls += 1) answer = await call();
      return answer;
    } finally {
      client.close();
    }
  }
}

function assertValid({ code }: VerifyTokenResponse): void {
  if (code !== VerificationCode.VERIFICATION_CODE_VALID) throw new Error(`the sample was answered with ${code}`);
}
