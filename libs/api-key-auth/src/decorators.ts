import 'reflect-metadata';
import { createParamDecorator, type CustomDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { isScope } from '#libs/key-domain';
import { keyOf } from './current-key.js';
import type { KeyGrant } from './key-grant.js';
import type { ErrorFormatName } from './refusal/error-body.js';
import { requestOf } from './request/http-request.js';

export const REQUIRED_SCOPES = Symbol('RequiredScopes');
export const REQUIRED_PRODUCT = Symbol('RequiredProduct');
export const PUBLIC = Symbol('Public');
export const ERROR_FORMAT = Symbol('ErrorFormat');

/**
 * Demands that a key grants all of these scopes. Those of the controller and of the handler add up.
 * @throws TypeError when one is no scope: `resource:action`
 */
export function RequireScopes(...scopes: readonly [string, ...string[]]): ClassDecorator & MethodDecorator {
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined) throw new TypeError(`@RequireScopes: ${JSON.stringify(wrong)} is no scope`);
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const level = (descriptor?.value ?? target) as object;
    const before = (Reflect.getMetadata(REQUIRED_SCOPES, level) ?? []) as string[];
    Reflect.defineMetadata(REQUIRED_SCOPES, [...before, ...scopes], level);
  };
}

/** Demands that a key may be used for the product whose id stands in this parameter of the route. */
export function RequireProduct(routeParameter: string): CustomDecorator<symbol> {
  return SetMetadata(REQUIRED_PRODUCT, routeParameter);
}

/** Opens a route to everybody. */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(PUBLIC, true);
}

/** Has refusals of a controller or a handler written in this manner, whatever the module's is. */
export function ErrorFormat(format: ErrorFormatName): CustomDecorator<symbol> {
  return SetMetadata(ERROR_FORMAT, format);
}

/** The key that the request was let in with. */
export const CurrentKey = createParamDecorator<unknown, KeyGrant>((_, context: ExecutionContext) => keyOf(requestOf(context)));
