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
    const parts = [Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, handler)] as string[];
    const path = `/${parts.join('/')}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    const access = (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as Access | undefined;
    return [
      {
        name: `${RequestMethod[method]} ${path}`,
        controller,
        method: RequestMethod[method].toLowerCase(),
        path,
        handler,
        access,
      },
    ];
  });
}
