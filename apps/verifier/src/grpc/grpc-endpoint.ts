import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '#libs/observability';
import { CONNECTION_LIMITS } from './connection-limits.js';
import { DRAIN_LIMITS } from './drain-limits.js';
import { askClientsToLeave } from './going-away.js';
import type { CallMeasures } from './call-measures.js';
import { ObservedCall } from './observed-call.js';
import { OpenStreams } from './open-streams.js';

/** Largest request that is read, in bytes. A batch of 1,000 digests with their questions is some 200 kB. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** Calls that one connection may have open at once; a client keeps further ones to itself until then. */
const MAX_CALLS_OF_A_CONNECTION = 1_000;

/** A gRPC server with a listener of its own, so that it can stop listening, say so to its clients, and close, one after the other (docs/adr/0004). */
export class GrpcEndpoint {
  readonly #streams = new OpenStreams();
  readonly #listener = createServer();
  readonly #sockets = new Set<Socket>();
  readonly server: Server;

  constructor(
    private readonly log: Log,
    measures: CallMeasures,
    limits = CONNECTION_LIMITS,
  ) {
    this.server = new Server({
      interceptors: [
        ({ path, responseStream }, call) => new ObservedCall(call, measures.of(path), responseStream ? this.#streams : null),
      ],
      // Its counters are read by nobody here, and every call would pay for them.
      'grpc.enable_channelz': 0,
      'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
      'grpc.max_concurrent_streams': MAX_CALLS_OF_A_CONNECTION,
      'grpc.keepalive_time_ms': limits.ping,
      'grpc.keepalive_timeout_ms': limits.pingAnswer,
      'grpc.max_connection_idle_ms': limits.idle,
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
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      connections.injectConnection(socket);
    });
    this.#listener.listen(port, host);
    await once(this.#listener, 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Answers every call that reaches it before its clients have gone elsewhere; ends what takes too long. */
  async drain(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = this.#closed();
    askClientsToLeave(this.server);
    await pause(DRAIN_LIMITS.lastCalls);
    this.#streams.end();
    this.server.tryShutdown(() => undefined);
    const inTime = await Promise.race([closed, pause(DRAIN_LIMITS.inFlight, false, { ref: false })]);
    if (inTime) return;
    this.log.warn({ ms: DRAIN_LIMITS.inFlight }, 'calls still in flight were ended');
    this.server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /**
   * Stops listening, and waits until every connection is closed. grpc-js's own word that it has shut down is not
   * enough: it takes a connection for closed whose client has answered GOAWAY, with calls still in flight on it.
   */
  #closed(): Promise<true> {
    return new Promise((resolve) => {
      this.#listener.close(() => {
        resolve(true);
      });
    });
  }
}
