import { type ClientDuplexStream, type Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { TokenVerifierServiceClient, WatchKeysRequest, WatchKeysResponse } from '#libs/contract';
import type { VerifierFailure, WatchHandlers, WatchStream } from '../verifier/verifier-transport.js';
import { failureOfError, failureOfStatus } from './failure-of-error.js';

/** For the verifier to take note that the guard has left, before the stream is torn down. */
const LEAVING_MS = 250;

/** A stream of WatchKeys over gRPC. It is opened as soon as the service key is there; what is sent before waits. */
export class GrpcWatchStream implements WatchStream {
  #call: ClientDuplexStream<WatchKeysRequest, WatchKeysResponse> | null = null;
  #unsent: WatchKeysRequest[] = [];
  #isOver = false;

  constructor(
    client: TokenVerifierServiceClient,
    metadata: Promise<Metadata>,
    private readonly handlers: WatchHandlers,
  ) {
    metadata.then(
      (ready) => {
        if (!this.#isOver) this.#open(client.watchKeys(ready));
      },
      (error: unknown) => {
        this.#over(failureOfError(error));
      },
    );
  }

  send(message: WatchKeysRequest): void {
    if (this.#isOver) return;
    if (this.#call === null) this.#unsent.push(message);
    else this.#call.write(message);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const call = this.#call;
    if (call === null) return;
    call.end();
    setTimeout(() => {
      call.cancel();
    }, LEAVING_MS).unref();
  }

  #open(call: ClientDuplexStream<WatchKeysRequest, WatchKeysResponse>): void {
    this.#call = call;
    call.on('data', (message: WatchKeysResponse) => {
      if (!this.#isOver) this.handlers.message(message);
    });
    // Every error is a status too, which is told below.
    call.on('error', () => undefined);
    call.on('status', (ended: StatusObject) => {
      this.#over(ended.code === status.OK ? null : failureOfStatus(ended));
    });
    for (const message of this.#unsent.splice(0)) call.write(message);
  }

  #over(failure: VerifierFailure | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.handlers.ended(failure);
  }
}
