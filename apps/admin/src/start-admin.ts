import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AdminConfig } from '#libs/config';
import { checkPeppers, InstallationStore, PepperMismatchError, PepperRing } from '#libs/key-domain';
import { SetUp } from '#libs/lifecycle';
import {
  createLog,
  HealthChecks,
  HttpDrain,
  listenFailure,
  NestLog,
  type RunningApp,
  StartError,
  type Surface,
  surfaceUrl,
} from '#libs/observability';
import { DatabaseHealth } from '#libs/persistence';
import { PublicAddress } from './access/public-address.js';
import { AdminModule } from './admin.module.js';
import { DashboardPage } from './dashboard/dashboard-page.js';
import type { ArrivalLimits } from './http/arrival-limits.js';
import { serveDocument } from './openapi/document.js';
import { Bootstrap } from './setup/bootstrap.js';
import { prepareHttpServer } from './start/http-server.js';
import { Upkeep } from './upkeep/upkeep.js';
import { NoticeWorker } from './webhooks/notice-worker.js';
import { QuotaNoticeWorker } from './webhooks/quota-notice-worker.js';
import { WebhookWorker } from './webhooks/webhook-worker.js';

/** A change that waits for a silent verifier takes a lease of 2.1 s; a process has 4.5 s to end. */
const DRAIN_LIMIT_MS = 2_500;

const ARRIVAL_LIMITS: ArrivalLimits = { requestMs: 300_000, silenceMs: 60_000 };

export interface AdminOptions {
  /** Milliseconds that a stop waits for requests in flight; 2,500 if absent. */
  readonly drainLimitMs?: number;
  /** Five minutes for a request, one for the silence of a stream, if absent. */
  readonly arrivalLimits?: ArrivalLimits;
  /** Where the dashboard was built; beside the built admin if absent. */
  readonly pageDirectory?: string;
}

/**
 * Starts the admin: migrates the schema, checks the peppers, sets up an empty installation where the variables say
 * how, and listens.
 * @throws StartError with what stands in the way
 */
export async function startAdmin(config: AdminConfig, options: AdminOptions = {}): Promise<RunningApp> {
  const { drainLimitMs = DRAIN_LIMIT_MS, arrivalLimits = ARRIVAL_LIMITS } = options;
  const log = createLog('admin');
  const page = DashboardPage.builtIn(options.pageDirectory);
  const module = AdminModule.forRoot({ config, log, page });
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    logger: new NestLog(log),
    abortOnError: false,
  });
  const drain = new HttpDrain(app.getHttpServer());
  try {
    prepareHttpServer(app, config, arrivalLimits);
    page.serveAssets(app);
    serveDocument(app);
    await app.init();
    await prepareInstallation(app, config);
    const url = await listen(app, config);
    return { surfaces: await surfacesOf(app, url), close: () => close(app, drain, drainLimitMs) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function prepareInstallation(app: NestExpressApplication, config: AdminConfig): Promise<void> {
  await checkPeppers(app.get<InstallationStore>(InstallationStore), app.get(PepperRing)).catch(asStartError);
  const { MINTMARK_BOOTSTRAP_EMAIL: email, MINTMARK_BOOTSTRAP_PASSWORD: password } = config;
  if (email !== undefined && password !== undefined) await app.get(Bootstrap).run({ email, password });
  const database = app.get(DatabaseHealth);
  app.get(HealthChecks).add('postgres', () => database.ping());
  app.get(WebhookWorker).start();
  app.get(NoticeWorker).start();
  app.get(QuotaNoticeWorker).start();
  app.get(Upkeep).start();
}

function asStartError(error: unknown): never {
  throw error instanceof PepperMismatchError ? new StartError(error.message) : error;
}

/** @returns where it listens */
async function listen(app: NestExpressApplication, config: AdminConfig): Promise<string> {
  const { MINTMARK_HOST: host, MINTMARK_ADMIN_PORT: port } = config;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listenFailure(error, { host, port, variable: 'MINTMARK_ADMIN_PORT' });
  }
  const url = surfaceUrl(host, (app.getHttpServer().address() as AddressInfo).port);
  app.get(PublicAddress).listensAt(url);
  return url;
}

async function surfacesOf(app: NestExpressApplication, url: string): Promise<readonly Surface[]> {
  const admin: Surface = { name: 'admin', url };
  const setUp = app.get(SetUp);
  if (await setUp.isDone()) return [admin];
  const link = `${app.get(PublicAddress).url}/setup#token=${await setUp.token()}`;
  return [admin, { name: 'setup', url: link }];
}

async function close(app: NestExpressApplication, drain: HttpDrain, limitMs: number): Promise<void> {
  app.get(HealthChecks).stop();
  await drain.close(() => app.close(), limitMs);
}
