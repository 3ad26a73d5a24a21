import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import type { z } from 'zod';
import { InvalidRequestError } from '#libs/key-domain';

const QUERY_NAMES = 'mintmark:query-names';
/** In whatever case: routes are found in any. */
const API = '/api/';
const ANY = 'any';

/** Names the query parameters that a route takes; any other is refused. A route without this takes none. */
export function TakesQuery(schema: z.ZodObject): MethodDecorator {
  return SetMetadata(QUERY_NAMES, Object.keys(schema.shape));
}

/** For a route whose parameters are another's to name: what it does not know it passes over. */
export function TakesAnyQuery(): MethodDecorator {
  return SetMetadata(QUERY_NAMES, ANY);
}

/** Refuses query parameters that a route does not know: a filter with a typing error must not answer with everything. */
@Injectable()
export class QueryInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { path, query } = context.switchToHttp().getRequest<Request>();
    const known = this.reflector.get<readonly string[] | typeof ANY | undefined>(QUERY_NAMES, context.getHandler()) ?? [];
    if (known === ANY) return next.handle();
    const unknown = path.toLowerCase().startsWith(API) ? Object.keys(query).filter((name) => !known.includes(name)) : [];
    if (unknown.length > 0)
      throw new InvalidRequestError(unknown.map((name) => ({ path: name, message: 'Unknown query parameter.' })));
    return next.handle();
  }
}
