import type { Metadata, ServiceError } from '@grpc/grpc-js';
import type {
  ReportUsageRequest,
  TokenVerifierServiceClient,
  VerifyTokenRequest,
  VerifyTokenResponse,
  VerifyTokensResponse,
} from '#libs/contract';
import type { ServiceKey } from '../options.js';
import type { VerifierTransport, WatchHandlers, WatchStream } from '../verifier/verifier-transport.js';
import { failureOfError } from './failure-of-error.js';
import { GrpcWatchStream } from './grpc-watch-stream.js';
import { authorized } from './service-key-metadata.js';
import type { VerifierAddress } from './verifier-address.js';
import { connect } from './verifier-connection.js';

/** Begins a unary call. */
type Ask<Answer> = (metadata: Metadata, answer: (error: ServiceError | null, value: Answer) => void) => void;

const REPORT_TIMEOUT_MS = 2_000;

/** One verifier over gRPC, on a connection of its own. */
export class GrpcTransport implements VerifierTransport {
  readonly #client: TokenVerifierServiceClient;

  constructor(
    address: VerifierAddress,
    private readonly serviceKey: ServiceKey,
  ) {
    this.#client = connect(address);
  }

  async verifyTokens(
    requests: readonly VerifyTokenRequest[],
    guardSessionId: string,
    timeoutMs: number,
  ): Promise<readonly VerifyTokenResponse[]> {
    const client = this.#client;
    const deadline = Date.now() + timeoutMs;
    const [request] = requests;
    if (request !== undefined && requests.length === 1) {
      const question = { ...request, guardSessionId };
      return [await this.#call<VerifyTokenResponse>((...end) => client.verifyToken(question, end[0], { deadline }, end[1]))];
    }
    const batch = { requests: [...requests], guardSessionId };
    const ask: Ask<VerifyTokensResponse> = (...end) => client.verifyTokens(batch, end[0], { deadline }, end[1]);
    return (await this.#call(ask)).responses;
  }

  /** Waits for the connection where there is none, so that a verifier that is back is found as soon as it can be. */
  async probe(timeoutMs: number): Promise<void> {
    const nothing = { requests: [], guardSessionId: '' };
    const deadline = Date.now() + timeoutMs;
    await this.#call((metadata, answer) => {
      metadata.setOptions({ waitForReady: true });
      this.#client.verifyTokens(nothing, metadata, { deadline }, answer);
    });
  }

  watch(handlers: WatchHandlers): WatchStream {
    const metadata = authorized(this.serviceKey, (ready) => Promise.resolve(ready));
    return new GrpcWatchStream(this.#client, metadata, handlers);
  }

  async reportUsage(report: ReportUsageRequest): Promise<void> {
    const deadline = Date.now() + REPORT_TIMEOUT_MS;
    await this.#call((metadata, answer) => this.#client.reportUsage(report, metadata, { deadline }, answer));
  }

  close(): void {
    this.#client.close();
  }

  #call<Answer>(ask: Ask<Answer>): Promise<Answer> {
    return authorized(
      this.serviceKey,
      (metadata) =>
        new Promise((resolve, reject) => {
          ask(metadata, (error, value) => {
            if (error === null) resolve(value);
            else reject(failureOfError(error));
          });
        }),
    );
  }
}
