import helmet from 'helmet';
import type { NextFunction, Request, Response } from 'express';

const OWN_PAGES = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

/** Swagger UI writes styles into its page; its scripts are files like any others. */
const DOCS = { ...OWN_PAGES, styleSrc: ["'self'", "'unsafe-inline'"] };

/** @param isHttps whether browsers are to insist on https from now on */
export function securityHeaders(isHttps: boolean): (request: Request, response: Response, next: NextFunction) => void {
  const common = {
    strictTransportSecurity: isHttps,
    referrerPolicy: { policy: 'same-origin' as const },
    xFrameOptions: { action: 'deny' as const },
  };
  const pages = helmet({ ...common, contentSecurityPolicy: { useDefaults: false, directives: OWN_PAGES } });
  const docs = helmet({ ...common, contentSecurityPolicy: { useDefaults: false, directives: DOCS } });
  return (request, response, next) => {
    (request.path.startsWith('/api/docs') ? docs : pages)(request, response, next);
  };
}
