import { type SecretLookup, type SecretLookupResult, UnavailableError } from '#libs/key-domain';
import { LEASE_TERMS } from '#libs/coherence';
import type { FollowedLog, MemberState, Progress, PublishedLog } from '#libs/coherence';
import type { Answer } from '../engine/network.js';
import type { Machine } from '../engine/machine.js';
import type { SimProcess } from '../engine/process.js';
import type { PostgresModelLog } from '../model-log.js';
import type { World } from '../world.js';
import type { Edit, Edited, Store } from './store.js';

/** A statement fails by then at the latest, as the driver's own limits have it: those of the log, and all others. */
export const LOG_LIMIT_MS = 2 * LEASE_TERMS.exchange;
const LIMIT_MS = 5_000;

/** The least time in which a lost connection is made again. */
const RELISTEN_MS = 250;

type Channel = 'published' | 'progress' | 'inquired' | 'answered';

interface Listening {
  readonly process: SimProcess;
  readonly channel: Channel;
  readonly listener: () => void;
}

/** Postgres as processes reach it over the network: a statement takes time, its commit and its answer are apart. */
export class PostgresServer {
  readonly name = 'postgres';
  #process: SimProcess;
  #listening: Listening[] = [];
  readonly #machine;

  constructor(
    private readonly world: World,
    readonly store: Store,
    readonly log: PostgresModelLog,
  ) {
    this.#machine = world.machine(this.name);
    this.#process = world.process(this.#machine);
  }

  get machine(): Machine {
    return this.#machine;
  }

  get process(): SimProcess {
    return this.#process;
  }

  /** It crashes and is there again after a while; commits that nobody waited for may be lost. */
  crash(downMs: number): void {
    this.#process.kill();
    const { random, scheduler } = this.world;
    const lost = this.#listening;
    this.#listening = [];
    this.log.crash((commits) => random.below(commits + 1));
    scheduler.after(downMs, () => {
      this.#process = this.world.process(this.#machine);
      for (const listening of lost) this.#listenAgain(listening);
    });
  }

  /** Something may have been missed while nobody listened. */
  #listenAgain(listening: Listening): void {
    this.world.scheduler.after(this.world.random.between(RELISTEN_MS, 3 * RELISTEN_MS), () => {
      this.listen(listening);
      listening.process.receive(listening.listener);
    });
  }

  /** Runs one statement of the log's for a client. `work` is its snapshot, and what it returns its commit. */
  logStatement<T>(client: SimProcess, work: () => () => T): Promise<T> {
    return this.#statement(client, LOG_LIMIT_MS, work);
  }

  #statement<T>(client: SimProcess, limitMs: number, work: () => () => T): Promise<T> {
    const answered = this.world.network.call<T>(client, this.#process, (answer) => {
      this.#later(() => {
        if (this.world.byChance(0.002)) answer({ error: new UnavailableError('The simulated server is busy.') });
        else this.#snapshot(work, answer);
      });
    });
    return withLimit(client, limitMs, answered);
  }

  #snapshot<T>(work: () => () => T, answer: Answer<T>): void {
    const commit = work();
    this.#later(() => {
      const outcome = committed(commit);
      this.#later(() => {
        answer(outcome);
      });
    });
  }

  /** Goes on after a while, if the server lives so long. */
  #later(work: () => void): void {
    const { random, scheduler, climate } = this.world;
    const server = this.#process;
    const ms = random.chance(climate.delays.slowness) ? random.between(0, climate.delays.slow) : random.between(0.02, 0.3);
    scheduler.after(ms, () => {
      server.receive(work);
    });
  }

  edit(client: SimProcess, edit: Edit): Promise<Edited> {
    return this.#statement(client, LIMIT_MS, () => () => {
      const edited = this.store.edit(edit);
      this.notify('published');
      return edited;
    });
  }

  notify(channel: Channel): void {
    const { network } = this.world;
    this.#listening = this.#listening.filter(({ process }) => process.isAlive);
    for (const { process, listener, channel: heard } of this.#listening) {
      if (heard === channel) network.send(this.#process, process, listener);
    }
  }

  listen(listening: Listening): void {
    this.#listening.push(listening);
  }

  /** @param store the primary, unless something else is read in its place */
  lookupFor(client: SimProcess, count: () => void, store = this.store): SecretLookup {
    return {
      find: (digests) => {
        count();
        return this.#statement<SecretLookupResult>(client, LIMIT_MS, () => {
          const result = {
            found: store.find(digests).map((found) => ({ ...found.digest, record: found.record })),
            now: this.world.postgresTime(),
          };
          return () => result;
        });
      },
    };
  }

  logFor(client: SimProcess): FollowedLog & PublishedLog {
    return new RemotePostgresLog(client, this);
  }
}

/** What breaks a rule of the schema is refused, and says no more than that. */
function committed<T>(commit: () => T): Parameters<Answer<T>>[0] {
  try {
    return { value: commit() };
  } catch (error) {
    return { error: new UnavailableError('The simulated server refused.', { detail: String(error) }) };
  }
}

export function withLimit<T>(client: SimProcess, limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = client.after(limitMs, () => {
      reject(new UnavailableError('The simulated server did not answer.'));
    });
    work.then(resolve, reject).finally(cancel);
  });
}

/** The log's statements, sent over the network. */
class RemotePostgresLog implements FollowedLog, PublishedLog {
  #told = '';

  constructor(
    private readonly client: SimProcess,
    private readonly server: PostgresServer,
  ) {}

  join(memberId: string) {
    const { log } = this.server;
    return this.server.logStatement(this.client, () => {
      const { head } = log.journal;
      return () => log.join(memberId, head);
    });
  }

  exchange(member: { readonly id: string }, progress: Progress, renew: boolean) {
    const { log } = this.server;
    const telling = `${progress.position} ${progress.exceptions.join()} ${progress.staleGuards}`;
    const isNews = telling !== this.#told;
    this.#told = telling;
    return this.server.logStatement(this.client, () => {
      const { head } = log.journal;
      return () => {
        const exchanged = log.exchange(member, progress, renew, head);
        if (isNews) this.server.notify('progress');
        return exchanged;
      };
    });
  }

  async leave(member: { readonly id: string }) {
    await this.server.logStatement(this.client, () => () => {
      this.server.log.leave(member);
    });
  }

  onPublished(listener: () => void): void {
    this.server.listen({ process: this.client, channel: 'published', listener });
  }

  publish(change: Parameters<PublishedLog['publish']>[0]) {
    return this.server.logStatement(this.client, () => {
      const published = this.server.log.publish(change);
      return () => published;
    });
  }

  members() {
    return this.server.logStatement(this.client, () => {
      const members = this.server.log.members();
      return () => members;
    });
  }

  async prune(epoch: string, member: Pick<MemberState, 'id' | 'renewals'>) {
    await this.server.logStatement(this.client, () => () => {
      this.server.log.prune(epoch, member);
    });
  }

  onProgress(listener: () => void): void {
    this.server.listen({ process: this.client, channel: 'progress', listener });
  }
}
