import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Between two looks for connections on which nothing is under way, in milliseconds. */
const SWEEP_INTERVAL_MS = 50;

/**
 * Lets a server end without waiting for clients that ask nothing. Node closes a connection whose last request is
 * answered, but waits for one on which none has arrived yet, or only half of one: browsers open such connections
 * ahead of need. Made before the server listens.
 */
export class HttpDrain {
  /** The open connections, with the number of requests in flight on each. */
  readonly #inFlight = new Map<Socket, number>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#inFlight.set(socket, 0);
      socket.once('close', () => this.#inFlight.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => this.#count(socket, -1));
    });
  }

  /**
   * @param closeApp has the server stop listening, and resolves when its last connection is closed
   * @param limitMs for requests in flight, in milliseconds; then they are cut off
   */
  async close(closeApp: () => Promise<void>, limitMs: number): Promise<void> {
    const sweep = setInterval(() => this.#end((requests) => requests === 0), SWEEP_INTERVAL_MS);
    const cutOff = setTimeout(() => this.#end(() => true), limitMs);
    try {
      await closeApp();
    } finally {
      clearInterval(sweep);
      clearTimeout(cutOff);
    }
  }

  #end(chosen: (requests: number) => boolean): void {
    for (const [socket, requests] of this.#inFlight) {
      if (!this.server.listening && chosen(requests)) socket.destroy();
    }
  }

  #count(socket: Socket, change: number): void {
    const requests = this.#inFlight.get(socket);
    if (requests !== undefined) this.#inFlight.set(socket, requests + change);
  }
}
