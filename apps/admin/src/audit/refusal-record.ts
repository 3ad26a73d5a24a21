import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AuditTrail } from '#libs/lifecycle';
import { Log } from '#libs/observability';
import { principalOf } from '../access/authenticated.js';
import { routeOf } from '../http/access-log.js';

/** Most characters of a path that the record keeps. */
const PATH_LENGTH = 256;

/** Puts down in an account's record what was refused to somebody of the account. */
@Injectable()
export class RefusalRecord {
  constructor(
    private readonly trail: AuditTrail,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Never throws: whoever was refused learns so, though the record can't be reached, which is logged. */
  async putDown(request: Request, message: string): Promise<void> {
    const principal = principalOf(request);
    if (principal === null) return;
    const refusal = { route: `${request.method} ${routeOf(request)}`, path: request.path.slice(0, PATH_LENGTH), message };
    await this.trail.refused(principal, refusal).catch((error: unknown) => {
      this.log.error({ err: error, requestId: principal.origin.requestId }, 'a refusal could not be put down in the record');
    });
  }
}
