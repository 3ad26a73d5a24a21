import 'reflect-metadata';
import { createParamDecorator, type CustomDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { isScope, type LimitsLeft } from '#libs/key-domain';
import { keyOf, limitsOf } from './current-key.js';
import type { KeyGrant } from './key-grant.js';
import type { ErrorFormatName } from './refusal/error-body.js';
import { requestOf } from './request/http-request.js';

export const REQUIRED_SCOPES = Symbol('RequiredScopes');
export const REQUIRED_PRODUCT = Symbol('RequiredProduct');
export const COST = Symbol('Cost');
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

/** Most that a request can cost: what the contract's field holds. */
const MAX_COST = 4_294_967_295;

/**
 * How many credits a request takes from the quota of its key, 1 where nothing is said; 0 takes none, and is not counted by
 * rate limits either, though a key that has spent them is refused all the same. That of the handler counts before that of the controller.
 * @throws TypeError when it is no whole number from 0 to 4,294,967,295
 */
export function Cost(credits: number): CustomDecorator<symbol> {
  if (!Number.isInteger(credits) || credits < 0 || credits > MAX_COST) {
    throw new TypeError(`@Cost takes a whole number from 0 to ${MAX_COST}, not ${String(credits)}`);
  }
  return SetMetadata(COST, credits);
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

/** What is left of that key's limits after this request; null: it has none. */
export const CurrentLimits = createParamDecorator<unknown, LimitsLeft | null>((_, context: ExecutionContext) =>
  limitsOf(requestOf(context)),
);
