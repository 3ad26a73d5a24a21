import type { NextFunction, Request, Response } from 'express';
import type { Log } from '#libs/observability';
import { REQUEST_ID_HEADER } from './request-id.js';

/** Logs each request when it is answered: by the route's pattern, since a path or a query may hold anything. */
export function accessLog(log: Log): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const begun = performance.now();
    response.once('finish', () => {
      const ms = Math.round(performance.now() - begun);
      const requestId = response.getHeader(REQUEST_ID_HEADER);
      log.info({ method: request.method, route: routeOf(request), status: response.statusCode, ms, requestId }, 'request');
    });
    next();
  };
}

/** The pattern of the route that a request came to; `none` where there is none. */
export function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'none';
}
