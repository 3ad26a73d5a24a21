import type { ArgumentsHost } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';

/** What the guard reads of an HTTP request: Express hands over Node's own, Fastify wraps it and keeps it in `raw`. */
export interface HttpRequest extends NodeRequest {
  readonly raw?: NodeRequest;
  readonly params?: Readonly<Record<string, string | undefined>>;
}

interface NodeRequest {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders?: readonly string[];
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

/** The request of an HTTP route; `switchToHttp` would make three functions each time. */
export function requestOf(context: ArgumentsHost): HttpRequest {
  return context.getArgByIndex<HttpRequest>(0);
}

/** The headers as they came; empty where the platform does not keep them. */
export function rawHeadersOf(request: HttpRequest): readonly string[] {
  return (request.raw ?? request).rawHeaders ?? [];
}

/** The address at the other end of the connection; empty: unknown. */
export function peerOf(request: HttpRequest): string {
  return request.socket?.remoteAddress ?? '';
}
