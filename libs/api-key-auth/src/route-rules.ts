import 'reflect-metadata';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { RouteDemands } from './api-key-authenticator.js';
import { ERROR_FORMAT, PUBLIC, REQUIRED_PRODUCT, REQUIRED_SCOPES } from './decorators.js';
import type { ErrorFormatName } from './refusal/error-body.js';
import type { HttpRequest } from './request/http-request.js';

/** What the decorators on a handler and on its controller say. */
@Injectable()
export class RouteRules {
  /** The nearest level that says anything decides; one that opens and demands at once is not open. */
  isPublic(context: ExecutionContext): boolean {
    for (const level of levels(context)) {
      if (Reflect.hasMetadata(REQUIRED_SCOPES, level) || Reflect.hasMetadata(REQUIRED_PRODUCT, level)) return false;
      if (Reflect.hasMetadata(PUBLIC, level)) return true;
    }
    return false;
  }

  demands(context: ExecutionContext, request: HttpRequest): RouteDemands {
    const scopes = levels(context).flatMap((level) => (Reflect.getMetadata(REQUIRED_SCOPES, level) ?? []) as string[]);
    return { requiredScopes: [...new Set(scopes)], productId: productId(context, request) };
  }

  errorFormat(context: ExecutionContext): ErrorFormatName | undefined {
    return nearest(ERROR_FORMAT, context) as ErrorFormatName | undefined;
  }
}

function productId(context: ExecutionContext, request: HttpRequest): string {
  const parameter = nearest(REQUIRED_PRODUCT, context) as string | undefined;
  if (parameter === undefined) return '';
  const value: unknown = request.params?.[parameter];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`@RequireProduct('${parameter}') stands on a route that has no parameter ${parameter}`);
}

function levels(context: ExecutionContext) {
  return [context.getHandler(), context.getClass()] as const;
}

function nearest(key: symbol, context: ExecutionContext): unknown {
  return levels(context)
    .map((level): unknown => Reflect.getMetadata(key, level))
    .find((value) => value !== undefined);
}
