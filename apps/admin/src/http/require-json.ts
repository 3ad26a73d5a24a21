import type { NextFunction, Request, Response } from 'express';
import { InvalidRequestError } from '#libs/key-domain';

export const JSON_LINES = 'application/x-ndjson';

/** The route that takes lines. */
const TAKES_LINES = '/api/v1/keys/import';

/**
 * Refuses a body that is not called JSON. Without this, such a body would count as missing; and a form on another
 * site, which can send no JSON, would reach the routes.
 */
export function requireJson(request: Request, _response: Response, next: NextFunction): void {
  if (request.path === TAKES_LINES) {
    next(request.is(JSON_LINES) === JSON_LINES ? undefined : InvalidRequestError.at('', NO_LINES));
    return;
  }
  const isEmpty = request.headers['content-length'] === '0';
  if (!isEmpty && request.is('application/json') === false)
    next(InvalidRequestError.at('', 'Send the body as JSON, with the header Content-Type: application/json.'));
  else next();
}

const NO_LINES = `Send one JSON object a line, with the header Content-Type: ${JSON_LINES}.`;
