import { setTimeout as sleep } from 'node:timers/promises';
import { type Attribution, bySystem } from '#libs/key-domain';
import type { AuditTrail, Refusal } from '#libs/lifecycle';
import type { Log } from '#libs/observability';
import { Tally } from './tally.js';

/** The same refused to the same one again is counted for this many milliseconds, and put down as one entry then. */
const GATHERED_MS = 60_000;

/**
 * Refusals that are gathered, and that wait to be written: those of one account must not take the room of the others, nor those
 * of one person or key the room of the others of the account.
 */
const MOST_GATHERED = { ofActor: 50, ofAccount: 200, ofAll: 10_000 };
const MOST_WAITING = { ofActor: 5, ofAccount: 20, ofAll: 2_000 };

/** Entries that are written at once, each of another account: refusals take so many connections to the store at the most. */
const MOST_WRITERS = 4;

/** Whoever was refused is told so after this many milliseconds at the latest, though the entry is not written yet. */
const WAITED_MS = 1_000;

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
  /** By the ids of who was refused, as `waiting`. */
  readonly gathered: Tally;
  readonly waiting: Tally;
  /** Refusals that are counted alone, and not put down yet. */
  missed: number;
  timer: NodeJS.Timeout | null;
  /** What is to be written, one after the other. */
  readonly queue: (() => Promise<void>)[];
  /** When the last of it is written. */
  written: Promise<void>;
}

/**
 * Puts refusals down. Whoever is refused can ask without end, and an entry stays for ever: repetitions are counted, entries
 * of an account are written one after the other, the accounts in turn, and of one that is refused more than it has room for the rest is one number a minute.
 */
export class RefusalGathering {
  readonly #gathered = new Map<string, Gathered>();
  readonly #shares = new Map<string, Share>();
  #waiting = 0;
  #writers = 0;
  /** Accounts of which something is to be written, and nothing is being written. */
  readonly #ready: string[] = [];

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
    if (!hasRoom(share.gathered, by.actor.id, MOST_GATHERED) || this.#gathered.size >= MOST_GATHERED.ofAll) {
      this.#count(refused, 1);
      return;
    }
    share.gathered.add(by.actor.id);
    const timer = setTimeout(() => void this.#close(name), GATHERED_MS).unref();
    this.#gathered.set(name, { refused, more: 0, timer });
    await Promise.race([this.#write(refused, 1), sleep(WAITED_MS, undefined, { ref: false })]);
  }

  /** Puts down what was counted so far, and returns when everything is written. */
  async close(): Promise<void> {
    await Promise.all([...this.#gathered.keys()].map((name) => this.#close(name)));
    await Promise.all([...this.#shares.keys()].map((accountId) => this.#tellNumber(accountId)));
    await Promise.all([...this.#shares.values()].map(({ written }) => written));
  }

  async #close(name: string): Promise<void> {
    const gathered = this.#gathered.get(name);
    if (gathered === undefined) return;
    const { refused, more, timer } = gathered;
    this.#gathered.delete(name);
    clearTimeout(timer);
    if (more > 0) await this.#write(refused, more);
    this.#shareOf(refused.accountId).gathered.remove(refused.by.actor.id);
    this.#tidy(refused.accountId);
  }

  async #write(refused: Refused, times: number): Promise<void> {
    const share = this.#shareOf(refused.accountId);
    const { id } = refused.by.actor;
    if (!hasRoom(share.waiting, id, MOST_WAITING) || this.#waiting >= MOST_WAITING.ofAll) {
      this.#count(refused, times);
      return;
    }
    this.#waiting += 1;
    share.waiting.add(id);
    await this.#append(refused, times);
    share.waiting.remove(id);
    this.#waiting -= 1;
    this.#tidy(refused.accountId);
  }

  #append(refused: Refused, times: number): Promise<void> {
    const { accountId, by, ...refusal } = refused;
    const share = this.#shareOf(accountId);
    share.written = new Promise((resolve) => {
      share.queue.push(async () => {
        await this.trail.refused(accountId, { ...refusal, times }, by).catch((error: unknown) => {
          this.#count(refused, times, error);
        });
        resolve();
      });
      if (share.queue.length === 1) this.#ready.push(accountId);
    });
    this.#writeNext();
    return share.written;
  }

  /** What is being written is the first of its queue until it is done. */
  #writeNext(): void {
    if (this.#writers >= MOST_WRITERS) return;
    const accountId = this.#ready.shift();
    if (accountId === undefined) return;
    const { queue } = this.#shareOf(accountId);
    this.#writers += 1;
    void queue[0]?.().finally(() => {
      queue.shift();
      this.#writers -= 1;
      if (queue.length > 0) this.#ready.push(accountId);
      this.#tidy(accountId);
      this.#writeNext();
    });
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
    const [gathered, waiting] = [new Tally(), new Tally()];
    const share: Share = { gathered, waiting, missed: 0, timer: null, queue: [], written: Promise.resolve() };
    this.#shares.set(accountId, share);
    return share;
  }

  #tidy(accountId: string): void {
    const share = this.#shares.get(accountId);
    if (share?.gathered.all === 0 && share.queue.length === 0 && share.missed === 0) this.#shares.delete(accountId);
  }
}

function hasRoom(tally: Tally, actorId: string, most: { readonly ofActor: number; readonly ofAccount: number }): boolean {
  return tally.of(actorId) < most.ofActor && tally.all < most.ofAccount;
}
