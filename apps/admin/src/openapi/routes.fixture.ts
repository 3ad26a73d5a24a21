import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { type Access, ACCESS } from '../access/access.decorators.js';
import { CONTROLLERS } from '../controllers.js';

export interface Route {
  /** Method and path as the controller has them. */
  readonly name: string;
  readonly controller: Type;
  readonly method: string;
  readonly path: string;
  readonly handler: object;
  /** Undefined: the route does not say whom it is for, and is closed. */
  readonly access: Access | undefined;
}

/** Every route of the admin, as the router takes it from the controllers. */
export const ROUTES: readonly Route[] = CONTROLLERS.flatMap(routesOf);

function routesOf(controller: Type): Route[] {
  return Object.entries(Object.getOwnPropertyDescriptors(controller.prototype)).flatMap(([, { value }]) => {
    const handler = value as object;
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const access = (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as Access | undefined;
    return pathsOf(controller, handler).map((path) => ({
      name: `${RequestMethod[method]} ${path}`,
      controller,
      method: RequestMethod[method].toLowerCase(),
      path,
      handler,
      access,
    }));
  });
}

/** A handler may have several. */
function pathsOf(controller: Type, handler: object): string[] {
  const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
  const own = Reflect.getMetadata(PATH_METADATA, handler) as string | readonly string[];
  return [own].flat().map((path) => `/${base}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1'));
}
