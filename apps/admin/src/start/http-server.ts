import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { AdminConfig } from '#libs/config';
import { Log, measureRequests, Metrics } from '#libs/observability';
import { PublicAddress } from '../access/public-address.js';
import { accessLog } from '../http/access-log.js';
import { type ArrivalLimits, limitArrivals } from '../http/arrival-limits.js';
import { requestId } from '../http/request-id.js';
import { requireJson } from '../http/require-json.js';
import { securityHeaders } from '../http/security-headers.js';
import { LEAK_REPORT_LIMIT_BYTES } from '../leaks/leak-schemas.js';

const BODY_LIMIT_BYTES = 100 * 1024;

/** What happens to every request before it reaches a route. The order counts: what is refused is logged and measured too. */
export function prepareHttpServer(app: NestExpressApplication, config: AdminConfig, limits: ArrivalLimits): void {
  limitArrivals(app.getHttpServer(), limits);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.MINTMARK_TRUSTED_PROXIES);
  app.use(requestId);
  app.use(accessLog(app.get<Log>(Log)));
  app.use(measureRequests(app.get(Metrics)));
  app.use(securityHeaders(app.get(PublicAddress).isHttps));
  app.use(['/api/v1', '/setup'], keepOutOfCaches);
  app.use(requireJson);
  app.useBodyParser('raw', { type: isLeakReport, limit: LEAK_REPORT_LIMIT_BYTES, inflate: false });
  app.useBodyParser('json', { limit: BODY_LIMIT_BYTES, inflate: false });
}

/** Its signature is one of the bytes as they came. */
function isLeakReport({ url }: IncomingMessage): boolean {
  return url?.replace(/\?.*/, '') === '/api/v1/leaks/github';
}

/** Every answer of the API is for whoever asked alone, and some hold a secret; the set-up page changes once and for all. */
function keepOutOfCaches(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}
