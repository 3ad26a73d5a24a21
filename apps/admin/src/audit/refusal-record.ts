import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Request } from 'express';
import { ApiKeyException } from '#libs/api-key-auth';
import type { Attribution } from '#libs/key-domain';
import { AuditTrail, attributionOf, type Refusal } from '#libs/lifecycle';
import { Log } from '#libs/observability';
import { principalOf } from '../access/authenticated.js';
import { routeOf } from '../http/access-log.js';
import { originOf } from '../http/request-origin.js';

/** The same refused to the same one again is counted for this many milliseconds, and put down as one entry then. */
const GATHERED_MS = 60_000;

/** Refusals that are gathered or wait to be written, at most: what is beyond is in the log alone. */
const MOST_GATHERED = 10_000;
const MOST_WAITING = 100;

interface Refused extends Omit<Refusal, 'times'> {
  readonly accountId: string;
  readonly by: Attribution;
}

/** What begins as an id of Mintmark's and is as long as one: a token in a path is never put down. */
const ID = /^[a-z]{3,4}_[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * Puts down in an account's record what was refused to somebody of the account. Whoever is refused can ask without end, and an
 * entry stays for ever: repetitions are counted, and entries are written one after the other.
 */
@Injectable()
export class RefusalRecord implements OnApplicationShutdown {
  readonly #gathered = new Map<string, { readonly refused: Refused; more: number; readonly timer: NodeJS.Timeout }>();
  #waiting = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(
    private readonly trail: AuditTrail,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Never throws: whoever was refused learns so, though the record can't be reached, which is logged. */
  async putDown(request: Request, error: unknown, message: string): Promise<void> {
    const asked = whoAsked(request, error);
    if (asked === null) return;
    const ids = Object.values(request.params).filter((value) => typeof value === 'string' && ID.test(value)) as string[];
    const refused = { ...asked, route: `${request.method} ${routeOf(request)}`, ids, message };
    const name = JSON.stringify([refused.accountId, refused.by.actor.id, refused.route, message]);
    const gathered = this.#gathered.get(name);
    if (gathered !== undefined) gathered.more += 1;
    else if (this.#gathered.size >= MOST_GATHERED) this.#drop(refused);
    else {
      const timer = setTimeout(() => void this.#close(name), GATHERED_MS).unref();
      this.#gathered.set(name, { refused, more: 0, timer });
      await this.#write(refused, 1);
    }
  }

  /** What was counted so far is put down before the process ends. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#gathered.keys()].map((name) => this.#close(name)));
  }

  async #close(name: string): Promise<void> {
    const gathered = this.#gathered.get(name);
    this.#gathered.delete(name);
    clearTimeout(gathered?.timer);
    if (gathered !== undefined && gathered.more > 0) await this.#write(gathered.refused, gathered.more);
  }

  /** One after the other: refusals take one connection to the store at the most. */
  async #write(refused: Refused, times: number): Promise<void> {
    if (this.#waiting >= MOST_WAITING) {
      this.#drop(refused);
      return;
    }
    this.#waiting += 1;
    const { accountId, by, ...refusal } = refused;
    this.#written = this.#written
      .then(() => this.trail.refused(accountId, { ...refusal, times }, by))
      .catch((error: unknown) => {
        this.#drop(refused, error);
      })
      .finally(() => (this.#waiting -= 1));
    await this.#written;
  }

  #drop({ accountId, route, by: { actor, requestId } }: Refused, error?: unknown): void {
    this.log.error({ err: error, accountId, actor, route, requestId }, 'a refusal could not be put down in the record');
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
