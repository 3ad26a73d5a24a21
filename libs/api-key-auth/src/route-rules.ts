import 'reflect-metadata';
import { type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import type { RouteDemands } from './api-key-authenticator.js';
import { COST, ERROR_FORMAT, PUBLIC, REQUIRED_PRODUCT, REQUIRED_SCOPES } from './decorators.js';
import type { ErrorFormatName } from './refusal/error-body.js';
import type { HttpRequest } from './request/http-request.js';

type Handler = ReturnType<ExecutionContext['getHandler']>;

/** What the decorators on one handler of one controller say. */
export class Rules {
  constructor(
    /** The nearest level that says anything decides; one that opens and demands at once is not open. */
    readonly isPublic: boolean,
    /** The demands of every request, but for the product. */
    private readonly demands: RouteDemands,
    /** The parameter of the route that holds the product's id; undefined: no product is demanded. */
    private readonly productParameter: string | undefined,
    readonly errorFormat: ErrorFormatName | undefined,
  ) {}

  demandsOn(request: HttpRequest): RouteDemands {
    if (this.productParameter === undefined) return this.demands;
    const { requiredScopes, cost } = this.demands;
    return { requiredScopes, productId: productId(this.productParameter, request), cost };
  }
}

/** What the decorators on a handler and on its controller say; read once, since they say it for good. */
@Injectable()
export class RouteRules {
  readonly #known = new WeakMap<Handler, WeakMap<Type, Rules>>();

  of(context: ExecutionContext): Rules {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    let ofHandler = this.#known.get(handler);
    if (ofHandler === undefined) this.#known.set(handler, (ofHandler = new WeakMap()));
    let rules = ofHandler.get(controller);
    if (rules === undefined) ofHandler.set(controller, (rules = rulesOf([handler, controller])));
    return rules;
  }
}

/** Credits, where no decorator says otherwise. */
const COST_OF_A_REQUEST = 1;

/** A handler and its controller, the nearest first. */
type Levels = readonly [Handler, Type];

function rulesOf(levels: Levels): Rules {
  const scopes = levels.flatMap((level) => (Reflect.getMetadata(REQUIRED_SCOPES, level) ?? []) as string[]);
  const cost = (nearest(COST, levels) ?? COST_OF_A_REQUEST) as number;
  return new Rules(
    isPublic(levels),
    { requiredScopes: Object.freeze([...new Set(scopes)]), productId: '', cost },
    nearest(REQUIRED_PRODUCT, levels) as string | undefined,
    nearest(ERROR_FORMAT, levels) as ErrorFormatName | undefined,
  );
}

/** What a route says of keys: where it says any of it, it wants one. */
const DEMANDS = [REQUIRED_SCOPES, REQUIRED_PRODUCT, COST];

function isPublic(levels: Levels): boolean {
  for (const level of levels) {
    if (DEMANDS.some((demand) => Reflect.hasMetadata(demand, level))) return false;
    if (Reflect.hasMetadata(PUBLIC, level)) return true;
  }
  return false;
}

function nearest(key: symbol, levels: Levels): unknown {
  return levels.map((level): unknown => Reflect.getMetadata(key, level)).find((value) => value !== undefined);
}

function productId(parameter: string, request: HttpRequest): string {
  const value: unknown = request.params?.[parameter];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`@RequireProduct('${parameter}') stands on a route that has no parameter ${parameter}`);
}
