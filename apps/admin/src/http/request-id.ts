import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

export const REQUEST_ID_HEADER = 'X-Request-Id';

const ACCEPTABLE = /^[A-Za-z0-9_.-]{1,40}$/;

/** Names each request, for finding its lines in the log; a proxy may have named it already. */
export function requestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.get(REQUEST_ID_HEADER);
  response.setHeader(REQUEST_ID_HEADER, given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID());
  next();
}
