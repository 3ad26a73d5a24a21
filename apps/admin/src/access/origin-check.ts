import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ForbiddenError } from '#libs/key-domain';
import { PublicAddress } from './public-address.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps other sites from acting through a browser that is signed in here, or from signing it in as somebody else:
 * a browser always tells the origin of a request that changes something (RFC 6454). What tells none is no browser.
 */
@Injectable()
export class OriginCheck {
  constructor(private readonly address: PublicAddress) {}

  /** @throws ForbiddenError where a page of another origin asks */
  assertOwn(request: Request): void {
    const { origin } = request.headers;
    if (SAFE_METHODS.has(request.method) || origin === undefined || origin === this.address.origin) return;
    throw new ForbiddenError(`Requests of this origin are not accepted. Use ${this.address.origin}, or set MINTMARK_PUBLIC_URL.`);
  }
}
