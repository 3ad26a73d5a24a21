import type { Server } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatus } from 'grpc-health-check';
import { TokenVerifierServiceService } from '#libs/contract';
import type { HealthChecks } from '#libs/observability';

/** Between two looks at readiness, in milliseconds. */
const FOLLOW_INTERVAL_MS = 1_000;

const [, SERVICE = ''] = TokenVerifierServiceService.verifyToken.path.split('/');
/** The empty name stands for the server as a whole. */
const SERVICES = ['', SERVICE];

/** `grpc.health.v1`, which says of the service what readiness says over HTTP. */
export class GrpcHealth {
  readonly #implementation = new HealthImplementation();
  #serving: ServingStatus = 'NOT_SERVING';
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly checks: HealthChecks) {
    this.#say('NOT_SERVING');
  }

  addTo(server: Server): void {
    this.#implementation.addToServer(server);
  }

  /** Says from now on what readiness says. */
  async follow(): Promise<void> {
    this.#timer = setInterval(() => void this.#look(), FOLLOW_INTERVAL_MS).unref();
    await this.#look();
  }

  /** Says that it does not serve any more, at once and for good. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#say('NOT_SERVING');
  }

  async #look(): Promise<void> {
    const { status } = await this.checks.report();
    if (this.#timer === undefined) return;
    const serving = status === 'unavailable' ? 'NOT_SERVING' : 'SERVING';
    if (serving !== this.#serving) this.#say(serving);
  }

  #say(serving: ServingStatus): void {
    this.#serving = serving;
    for (const service of SERVICES) this.#implementation.setStatus(service, serving);
  }
}
