import { status, type ServerInterceptingCallInterface } from '@grpc/grpc-js';

/** Streams that clients hold open for as long as they please, such as a watch of the health: nothing in them is left unfinished by an end. */
export class OpenStreams {
  readonly #open = new Set<ServerInterceptingCallInterface>();

  add(call: ServerInterceptingCallInterface): void {
    this.#open.add(call);
  }

  delete(call: ServerInterceptingCallInterface): void {
    this.#open.delete(call);
  }

  end(): void {
    for (const call of this.#open) call.sendStatus({ code: status.UNAVAILABLE, details: 'The server is shutting down.' });
    this.#open.clear();
  }
}
