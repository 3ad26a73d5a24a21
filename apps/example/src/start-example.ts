import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiKeyOptionsError, type ServiceKey } from '#libs/api-key-auth';
import type { ExampleConfig } from '#libs/config';
import { createLog, HttpDrain, listenFailure, NestLog, type RunningApp, StartError, surfaceUrl } from '#libs/observability';
import { ExampleModule } from './example.module.js';

/** How long a stop waits for requests in flight; a process has 4.5 seconds for all of its parts. */
const DRAIN_LIMIT_MS = 1_000;

/** The example's own configuration; the service key may come from the options instead. */
export type ExampleSettings = Omit<ExampleConfig, 'MINTMARK_SERVICE_KEY'> & {
  readonly MINTMARK_SERVICE_KEY?: string | undefined;
};

export interface ExampleOptions {
  /** Reads the service key at every question, where it is not known when the process starts. */
  readonly serviceKey?: ServiceKey;
}

/**
 * Starts the example API. It starts without the verifier too, and answers 503 until that is there.
 * @throws StartError with what stands in the way
 */
export async function startExample(config: ExampleSettings, options: ExampleOptions = {}): Promise<RunningApp> {
  const app = await create(config, options.serviceKey ?? config.MINTMARK_SERVICE_KEY);
  app.disable('x-powered-by');
  const drain = new HttpDrain(app.getHttpServer());
  const { MINTMARK_HOST: host, MINTMARK_EXAMPLE_PORT: port } = config;
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw listenFailure(error, { host, port, variable: 'MINTMARK_EXAMPLE_PORT' });
  }
  const url = surfaceUrl(host, (app.getHttpServer().address() as AddressInfo).port);
  return { surfaces: [{ name: 'example', url }], close: () => drain.close(() => app.close(), DRAIN_LIMIT_MS) };
}

async function create(config: ExampleSettings, serviceKey: ServiceKey | undefined): Promise<NestExpressApplication> {
  const { MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: refusalsPerMinute } = config;
  const module = ExampleModule.forRoot({
    verifierUrl: config.MINTMARK_VERIFIER_URL,
    serviceKey,
    trustedProxies: config.MINTMARK_TRUSTED_PROXIES,
    refusalsPerAddress: refusalsPerMinute === 0 ? false : { limit: refusalsPerMinute, windowSeconds: 60 },
    errorFormat: 'garmint',
  });
  const logger = new NestLog(createLog('example'));
  try {
    return await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger, abortOnError: false });
  } catch (error) {
    throw error instanceof ApiKeyOptionsError ? new StartError(error.message) : error;
  }
}
