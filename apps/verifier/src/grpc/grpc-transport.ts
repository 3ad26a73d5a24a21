import type { Server } from '@grpc/grpc-js';
import { ServerGrpc } from '@nestjs/microservices';
import { setTimeout as pause } from 'node:timers/promises';
import { TokenVerifierServiceService } from '#libs/contract';
import { type HealthChecks, type Log, type Metrics } from '#libs/observability';
import { decodeQuestion, decodeQuestions } from './bounded-requests.js';
import { DRAIN_LIMITS } from './drain-limits.js';
import { GrpcEndpoint } from './grpc-endpoint.js';
import { GrpcHealth } from './grpc-health.js';
import { measuredCalls } from './measured-calls.js';
import { addReflection } from './reflection.js';

const PACKAGE = 'mintmark.v1';

const { verifyToken, verifyTokens, ...others } = TokenVerifierServiceService;
const SERVICE = {
  ...others,
  verifyToken: { ...verifyToken, requestDeserialize: decodeQuestion },
  verifyTokens: { ...verifyTokens, requestDeserialize: decodeQuestions },
} satisfies Record<keyof typeof TokenVerifierServiceService, unknown>;

export interface GrpcTransportOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthChecks;
}

/** Nest's gRPC transport on the generated codecs, with the port it really has and a drain in which no call fails. */
export class GrpcTransport extends ServerGrpc {
  readonly #options: GrpcTransportOptions;
  readonly #endpoint: GrpcEndpoint;
  readonly #health: GrpcHealth;
  #port = 0;
  #drained: Promise<void> | undefined;

  constructor(options: GrpcTransportOptions) {
    super({ package: PACKAGE, packageDefinition: { [`${PACKAGE}.TokenVerifierService`]: SERVICE } });
    this.#options = options;
    this.#endpoint = new GrpcEndpoint(options.log, [measuredCalls(options.metrics)]);
    this.#health = new GrpcHealth(options.health);
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#port;
  }

  override createClient(): Promise<Server> {
    this.#health.addTo(this.#endpoint.server);
    addReflection(this.#endpoint.server);
    return Promise.resolve(this.#endpoint.server);
  }

  /** Nest's own listens before it has added the services: a client that waited for the port would be told that there are none. */
  override async start(callback?: () => void): Promise<void> {
    await this.bindEvents();
    await this.#health.follow();
    this.#port = await this.#endpoint.listen(this.#options.host, this.#options.port);
    callback?.();
  }

  override close(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    this.#health.stop();
    if (this.#port === 0) return;
    await pause(DRAIN_LIMITS.notice);
    await this.#endpoint.drain();
  }
}
