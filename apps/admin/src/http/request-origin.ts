import type { Request } from 'express';
import type { RequestOrigin } from '#libs/key-domain';
import { REQUEST_ID_HEADER } from './request-id.js';

/** Most characters of a user agent that the record keeps. */
const USER_AGENT_LENGTH = 256;

/** Where a request came from, as the record tells it. */
export function originOf(request: Request): RequestOrigin {
  const requestId = request.res?.getHeader(REQUEST_ID_HEADER);
  return {
    address: request.ip ?? null,
    userAgent: request.get('user-agent')?.slice(0, USER_AGENT_LENGTH) ?? null,
    requestId: typeof requestId === 'string' ? requestId : null,
  };
}
