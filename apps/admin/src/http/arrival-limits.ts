import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** How long requests may take to arrive. */
export interface ArrivalLimits {
  /** Milliseconds until the whole of a request has arrived. */
  readonly requestMs: number;
  /** Milliseconds in which nothing moves, either way, on the connection of a stream. */
  readonly silenceMs: number;
}

/** What Node says too when its own limit is reached. */
const TOO_LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

const letOff = new WeakMap<IncomingMessage, () => void>();

/**
 * Cuts off requests that take too long to arrive, in place of Node's own limit, which holds for every request of a server alike.
 * Whoever sends slowly ties up a connection: only a route that knows its caller lets a request off, by {@link letStream}.
 */
export function limitArrivals(server: Server, { requestMs, silenceMs }: ArrivalLimits): void {
  server.requestTimeout = 0;
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const timer = setTimeout(() => cutOff(request, response), requestMs).unref();
    // An answer may come before the whole request has: what is still to come is limited as before, unless nothing can come any more.
    response.once('close', () => {
      if (request.complete || request.socket.destroyed) clearTimeout(timer);
    });
    request.once('close', () => {
      clearTimeout(timer);
    });
    letOff.set(request, () => {
      clearTimeout(timer);
      request.socket.setTimeout(silenceMs);
    });
  });
}

/** From here on the request may take as long as it takes, as long as something moves on its connection. */
export function letStream(request: IncomingMessage): void {
  letOff.get(request)?.();
}

function cutOff(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  if (!response.headersSent) request.socket.write(TOO_LATE);
  request.destroy();
}
