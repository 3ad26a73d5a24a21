import { type Attribution, bySystem } from '#libs/key-domain';
import type { AuditTrail, Refusal } from '#libs/lifecycle';
import type { Log } from '#libs/observability';

/** The same refused to the same one again is counted for this many milliseconds, and put down as one entry then. */
const GATHERED_MS = 60_000;

/** Refusals that are gathered, and that wait to be written: those of one account must not take the room of the others. */
const MOST_GATHERED = { ofAccount: 200, ofAll: 10_000 };
const MOST_WAITING = { ofAccount: 20, ofAll: 2_000 };

/** What is beyond is put down by its number alone. */
const FURTHER = { route: '*', ids: [], message: 'Further calls were refused: the log has them.' };
const COUNTED_BY = bySystem('admin');

export interface Refused extends Omit<Refusal, 'times'> {
  readonly accountId: string;
  readonly by: Attribution;
}

interface Gathered {
  readonly refused: Refused;
  /** How often it was refused since it was put down. */
  more: number;
  readonly timer: NodeJS.Timeout;
}

/** What one account has of the room. */
interface Share {
  gathered: number;
  waiting: number;
  /** Refusals that are counted alone, and not put down yet. */
  missed: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Puts refusals down. Whoever is refused can ask without end, and an entry stays for ever: repetitions are counted, entries are
 * written one after the other, and of an account that is refused more than it has room for the rest is one number a minute.
 */
export class RefusalGathering {
  readonly #gathered = new Map<string, Gathered>();
  readonly #shares = new Map<string, Share>();
  #waiting = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(
    private readonly trail: Pick<AuditTrail, 'refused'>,
    private readonly log: Pick<Log, 'warn' | 'error'>,
  ) {}

  /** Never throws: where the record can't be reached, that is logged, and the refusal counted until it can. */
  async add(refused: Refused): Promise<void> {
    const { accountId, by, route, message } = refused;
    const name = JSON.stringify([accountId, by.actor.id, route, message]);
    const known = this.#gathered.get(name);
    if (known !== undefined) {
      known.more += 1;
      return;
    }
    const share = this.#shareOf(accountId);
    if (share.gathered >= MOST_GATHERED.ofAccount || this.#gathered.size >= MOST_GATHERED.ofAll) {
      this.#count(refused, 1);
      return;
    }
    share.gathered += 1;
    const timer = setTimeout(() => void this.#close(name), GATHERED_MS).unref();
    this.#gathered.set(name, { refused, more: 0, timer });
    await this.#write(refused, 1);
  }

  /** Puts down what was counted so far. */
  async close(): Promise<void> {
    await Promise.all([...this.#gathered.keys()].map((name) => this.#close(name)));
    await Promise.all([...this.#shares.keys()].map((accountId) => this.#tellNumber(accountId)));
  }

  async #close(name: string): Promise<void> {
    const gathered = this.#gathered.get(name);
    if (gathered === undefined) return;
    const { refused, more, timer } = gathered;
    this.#gathered.delete(name);
    clearTimeout(timer);
    if (more > 0) await this.#write(refused, more);
    this.#shareOf(refused.accountId).gathered -= 1;
    this.#tidy(refused.accountId);
  }

  /** One after the other: refusals take one connection to the store at the most. */
  async #write(refused: Refused, times: number): Promise<void> {
    const share = this.#shareOf(refused.accountId);
    if (share.waiting >= MOST_WAITING.ofAccount || this.#waiting >= MOST_WAITING.ofAll) {
      this.#count(refused, times);
      return;
    }
    share.waiting += 1;
    this.#waiting += 1;
    await this.#append(refused, times);
    share.waiting -= 1;
    this.#waiting -= 1;
    this.#tidy(refused.accountId);
  }

  #append(refused: Refused, times: number): Promise<void> {
    const { accountId, by, ...refusal } = refused;
    this.#written = this.#written
      .then(() => this.trail.refused(accountId, { ...refusal, times }, by))
      .catch((error: unknown) => {
        this.#count(refused, times, error);
      });
    return this.#written;
  }

  #count({ accountId, route, by: { actor, requestId } }: Refused, times: number, error?: unknown): void {
    const facts = { accountId, actor, route, requestId, times };
    if (error === undefined) this.log.warn(facts, 'a refusal is put down in the record by its number alone');
    else this.log.error({ ...facts, err: error }, 'a refusal could not be put down in the record');
    const share = this.#shareOf(accountId);
    share.missed += times;
    share.timer ??= setTimeout(() => void this.#tellNumber(accountId), GATHERED_MS).unref();
  }

  async #tellNumber(accountId: string): Promise<void> {
    const share = this.#shareOf(accountId);
    const { missed, timer } = share;
    if (timer !== null) clearTimeout(timer);
    [share.missed, share.timer] = [0, null];
    if (missed > 0) await this.#append({ ...FURTHER, accountId, by: COUNTED_BY }, missed);
    this.#tidy(accountId);
  }

  #shareOf(accountId: string): Share {
    const known = this.#shares.get(accountId);
    if (known !== undefined) return known;
    const share = { gathered: 0, waiting: 0, missed: 0, timer: null };
    this.#shares.set(accountId, share);
    return share;
  }

  #tidy(accountId: string): void {
    const share = this.#shares.get(accountId);
    if (share?.gathered === 0 && share.waiting === 0 && share.missed === 0) this.#shares.delete(accountId);
  }
}
