import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from './metrics.js';

/** As Express leaves it once it has found the route. */
interface RoutedRequest extends IncomingMessage {
  readonly route?: { readonly path?: unknown };
}

/** Express middleware that measures requests by method, route and status. The route is the pattern, never the path: that may hold anything. */
export function measureRequests(metrics: Metrics): (request: RoutedRequest, response: ServerResponse, next: () => void) => void {
  const durations = metrics.durations({
    name: 'mintmark_http_request_duration_seconds',
    help: 'Time from the arrival of an HTTP request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
  });
  return (request, response, next) => {
    const stop = durations.startTimer();
    response.once('finish', () => {
      const route = typeof request.route?.path === 'string' ? request.route.path : 'none';
      stop({ method: knownMethod(request.method), route, status: String(response.statusCode) });
    });
    next();
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function knownMethod(method: string | undefined): string {
  return method !== undefined && METHODS.has(method) ? method : 'other';
}
