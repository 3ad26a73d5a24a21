import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { DynamicModule } from '@nestjs/common';
import type { AddressInfo } from 'node:net';
import { GuardSessions } from '#libs/coherence';
import type { VerifierConfig } from '#libs/config';
import {
  HealthChecks,
  HttpDrain,
  listenFailure,
  Log,
  measureRequests,
  Metrics,
  NestLog,
  type RunningApp,
  surfaceUrl,
} from '#libs/observability';
import { GrpcTransport } from '../grpc/grpc-transport.js';
import { GuardCalls } from '../sessions/guard.calls.js';
import { TokenVerifierCalls } from '../questions/token-verifier.calls.js';

/** Where the verifier listens. */
export type Listening = Pick<VerifierConfig, 'MINTMARK_HOST' | 'MINTMARK_VERIFIER_GRPC_PORT' | 'MINTMARK_VERIFIER_HTTP_PORT'>;

/** How long a stop waits for a scrape or a probe in flight, once no call is left. */
const DRAIN_LIMIT_MS = 250;

/**
 * Serves a module that holds the verifier's controllers: gRPC, and health and metrics over HTTP.
 * @param prepare what must be done before the first call is taken
 */
export async function serve(
  module: DynamicModule,
  config: Listening,
  log: Log,
  prepare: (app: NestExpressApplication) => Promise<void>,
): Promise<RunningApp> {
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    logger: new NestLog(log),
    abortOnError: false,
  });
  const drain = new HttpDrain(app.getHttpServer());
  try {
    app.disable('x-powered-by');
    app.use(measureRequests(app.get(Metrics)));
    await prepare(app);
    const transport = await listenGrpc(app, config);
    const httpPort = await listenHttp(app, config);
    return {
      surfaces: [
        { name: 'verifier-grpc', url: surfaceUrl(config.MINTMARK_HOST, transport.port) },
        { name: 'verifier-http', url: surfaceUrl(config.MINTMARK_HOST, httpPort) },
      ],
      close: () => close(app, transport, drain),
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function listenGrpc(app: NestExpressApplication, config: Listening): Promise<GrpcTransport> {
  const { MINTMARK_HOST: host, MINTMARK_VERIFIER_GRPC_PORT: port } = config;
  const transport = new GrpcTransport({
    host,
    port,
    log: app.get<Log>(Log),
    metrics: app.get(Metrics),
    health: app.get(HealthChecks),
    plain: [app.get(TokenVerifierCalls).service, app.get(GuardCalls).service],
  });
  app.connectMicroservice({ strategy: transport });
  try {
    await app.startAllMicroservices();
  } catch (error) {
    throw listenFailure(error, { host, port, variable: 'MINTMARK_VERIFIER_GRPC_PORT' });
  }
  return transport;
}

async function listenHttp(app: NestExpressApplication, config: Listening): Promise<number> {
  const { MINTMARK_HOST: host, MINTMARK_VERIFIER_HTTP_PORT: port } = config;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listenFailure(error, { host, port, variable: 'MINTMARK_VERIFIER_HTTP_PORT' });
  }
  return (app.getHttpServer().address() as AddressInfo).port;
}

/** Not ready first, guards on their way elsewhere, then no calls left, and only then everything that calls stand on. */
async function close(app: NestExpressApplication, transport: GrpcTransport, drain: HttpDrain): Promise<void> {
  app.get(HealthChecks).stop();
  app.get(GuardSessions).close('the verifier is shutting down');
  await transport.close();
  await drain.close(() => app.close(), DRAIN_LIMIT_MS);
}
