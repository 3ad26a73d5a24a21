import { Server, ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';
import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '#libs/observability';
import { DRAIN_LIMITS } from './drain-limits.js';
import { askClientsToLeave } from './going-away.js';
import { OpenStreams } from './open-streams.js';

/** Largest request that is read, in bytes. A batch of 1,000 digests with their questions is some 200 kB. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** A gRPC server with a listener of its own, so that it can stop listening, say so to its clients, and close, one after the other. */
export class GrpcEndpoint {
  readonly #streams = new OpenStreams();
  readonly #listener = createServer();
  readonly server: Server;

  constructor(
    private readonly log: Log,
    interceptors: readonly ServerInterceptor[],
  ) {
    this.server = new Server({
      interceptors: [...interceptors, this.#streams.intercept],
      'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    });
  }

  /**
   * Takes calls from now on: every service has been added.
   * @param port 0: any free one
   * @returns the port
   */
  async listen(host: string, port: number): Promise<number> {
    const connections = this.server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener.on('connection', (socket) => {
      connections.injectConnection(socket);
    });
    this.#listener.listen(port, host);
    await once(this.#listener, 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Answers every call that reaches it before its clients have gone elsewhere; ends what takes too long. */
  async drain(): Promise<void> {
    if (!this.#listener.listening) return;
    this.#listener.close();
    askClientsToLeave(this.server);
    await pause(DRAIN_LIMITS.lastCalls);
    this.#streams.end();
    const finished = await Promise.race([this.#finish(), pause(DRAIN_LIMITS.inFlight, false, { ref: false })]);
    if (finished) return;
    this.log.warn({ ms: DRAIN_LIMITS.inFlight }, 'calls still in flight were ended');
    this.server.forceShutdown();
  }

  #finish(): Promise<true> {
    return new Promise((resolve, reject) => {
      this.server.tryShutdown((error) => {
        if (error === undefined) resolve(true);
        else reject(error);
      });
    });
  }
}
