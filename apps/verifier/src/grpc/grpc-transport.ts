import type { Server } from '@grpc/grpc-js';
import { ServerGrpc } from '@nestjs/microservices';
import { setTimeout as pause } from 'node:timers/promises';
import { type HealthChecks, type Log, type Metrics } from '#libs/observability';
import { DRAIN_LIMITS } from './drain-limits.js';
import { GrpcEndpoint } from './grpc-endpoint.js';
import { GrpcHealth } from './grpc-health.js';
import { CallMeasures } from './call-measures.js';
import type { PlainService } from './plain-service.js';
import { addReflection } from './reflection.js';

export interface GrpcTransportOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthChecks;
  /** Every method of the contract. */
  readonly plain: readonly PlainService[];
}

/**
 * Nest's gRPC transport with the port it really has and a drain in which no call fails. No method passes through Nest's
 * pipeline, which would cost more than the answer.
 */
export class GrpcTransport extends ServerGrpc {
  readonly #options: GrpcTransportOptions;
  readonly #endpoint: GrpcEndpoint;
  readonly #health: GrpcHealth;
  #port = 0;
  #drained: Promise<void> | undefined;

  constructor(options: GrpcTransportOptions) {
    super({ package: [], packageDefinition: {} });
    this.#options = options;
    this.#endpoint = new GrpcEndpoint(options.log, new CallMeasures(options.metrics));
    this.#health = new GrpcHealth(options.health);
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#port;
  }

  override createClient(): Promise<Server> {
    this.#health.addTo(this.#endpoint.server);
    addReflection(this.#endpoint.server);
    for (const { definition, implementation } of this.#options.plain) {
      this.#endpoint.server.addService(definition, implementation);
    }
    return Promise.resolve(this.#endpoint.server);
  }

  override async start(callback?: () => void): Promise<void> {
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
