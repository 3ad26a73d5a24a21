import type { NextFunction, Request, Response } from 'express';
import { InvalidRequestError } from '#libs/key-domain';

/**
 * Refuses a body that is not called JSON. Without this, such a body would count as missing; and a form on another
 * site, which can send no JSON, would reach the routes.
 */
export function requireJson(request: Request, _response: Response, next: NextFunction): void {
  const isEmpty = request.headers['content-length'] === '0';
  if (!isEmpty && request.is('application/json') === false)
    next(InvalidRequestError.at('', 'Send the body as JSON, with the header Content-Type: application/json.'));
  else next();
}
