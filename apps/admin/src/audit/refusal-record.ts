import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Request } from 'express';
import { ApiKeyException } from '#libs/api-key-auth';
import { AuditTrail, attributionOf } from '#libs/lifecycle';
import { Log } from '#libs/observability';
import { principalOf } from '../access/authenticated.js';
import { routeOf } from '../http/access-log.js';
import { errorAnswer, isRefusal } from '../http/error-answer.js';
import { originOf } from '../http/request-origin.js';
import { RefusalGathering, type Refused } from './refusal-gathering.js';

/** What begins as an id of Mintmark's and is as long as one: a token in a path is never put down. */
const ID = /^[a-z]{3,4}_[0-9a-hjkmnp-tv-z]{26}$/;

/** Puts down in an account's record what was refused to somebody of the account. */
@Injectable()
export class RefusalRecord implements OnApplicationShutdown {
  readonly #gathering: RefusalGathering;

  constructor(trail: AuditTrail, @Inject(Log) log: Log) {
    this.#gathering = new RefusalGathering(trail, log);
  }

  /**
   * Takes no notice of an error that is no refusal (401, 403), nor of one to nobody who is known. Never throws: whoever was
   * refused learns so, though the record can't be reached.
   */
  async putDown(request: Request, error: unknown): Promise<void> {
    const asked = isRefusal(error) ? whoAsked(request, error) : null;
    if (asked === null) return;
    const ids = Object.values(request.params).filter((value) => typeof value === 'string' && ID.test(value)) as string[];
    await this.#gathering.add({
      ...asked,
      route: `${request.method} ${routeOf(request)}`,
      ids,
      message: errorAnswer(error).message,
    });
  }

  /** What was counted so far is put down before the process ends. */
  onApplicationShutdown(): Promise<void> {
    return this.#gathering.close();
  }
}

/** Null: nobody who is known. */
function whoAsked(request: Request, error: unknown): Pick<Refused, 'accountId' | 'by'> | null {
  const principal = principalOf(request);
  if (principal !== null) return { accountId: principal.accountId, by: attributionOf(principal) };
  if (!(error instanceof ApiKeyException) || error.key === null) return null;
  const { accountId, keyId } = error.key;
  return { accountId, by: { ...originOf(request), actor: { type: 'key', id: keyId } } };
}
