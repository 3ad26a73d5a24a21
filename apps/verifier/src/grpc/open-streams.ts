import { ServerInterceptingCall, type ServerInterceptor, type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';

/** Streams that clients hold open for as long as they please, such as a watch of the health: nothing in them is left unfinished by an end. */
export class OpenStreams {
  readonly #open = new Set<ServerInterceptingCallInterface>();

  readonly intercept: ServerInterceptor = (method, call) => {
    if (!method.responseStream) return new ServerInterceptingCall(call);
    this.#open.add(call);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({ onCancel: () => this.#open.delete(call) });
      },
      sendStatus: (sent, next) => {
        this.#open.delete(call);
        next(sent);
      },
    });
  };

  end(): void {
    for (const call of this.#open) call.sendStatus({ code: status.UNAVAILABLE, details: 'The server is shutting down.' });
    this.#open.clear();
  }
}
