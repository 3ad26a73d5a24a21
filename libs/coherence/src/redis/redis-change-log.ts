import type { CommittedChange, LoggedChange } from '#libs/key-domain';
import { randomUUID } from 'node:crypto';
import type { Exchanged, Joined, Members, MemberState, Progress, Published } from '../log/change-log.js';
import type { EpochLog } from '../registry/registered-log.js';
import type { RedisConnection } from './redis-connection.js';
import { EXCHANGE, JOIN, LEAVE, MEMBER_PREFIX, MEMBERS, PRUNE, PUBLISH, type Script } from './scripts.js';

export interface RedisChangeLogOptions {
  /** Whose log it is. */
  readonly installationId: string;
  /** Which log it is, as Postgres knows it. */
  readonly identity: string;
  readonly limits?: RedisLogLimits;
}

/** What bounds the log's size in Redis. */
export const REDIS_LOG_LIMITS = {
  /** Changes that are held; the oldest go first, and whoever still needed them begins anew. Some 300 bytes each. */
  changesHeld: 10_000,
  /** The most changes that one exchange brings. */
  changesAtOnce: 1_000,
  /** A verifier that is one too many reads the database for every answer. At most 20 KB each, usually 100 bytes. */
  members: 1_000,
  /** Exceptions of a member; beyond them it confirms no further. */
  exceptions: 1_000,
} as const;

export type RedisLogLimits = Readonly<Record<keyof typeof REDIS_LOG_LIMITS, number>>;

/** The key under which a Redis keeps which log of an installation it holds. */
export function identityKey(installationId: string): string {
  return `${hashTag(installationId)}:log`;
}

/**
 * The log in one Redis: a stream of changes and a hash of members under one hash tag, each step one script. What
 * Redis loses ends the epoch, and members that it has forgotten are not returned: the registry has them.
 */
export class RedisChangeLog implements EpochLog {
  readonly #stream: string;
  readonly #state: string;
  readonly #keys: readonly string[];
  readonly #limits: RedisLogLimits;

  constructor(
    private readonly connection: RedisConnection,
    private readonly options: RedisChangeLogOptions,
  ) {
    this.#stream = `${hashTag(options.installationId)}:changes`;
    this.#state = `${hashTag(options.installationId)}:members`;
    this.#keys = [this.#stream, this.#state, identityKey(options.installationId)];
    this.#limits = options.limits ?? REDIS_LOG_LIMITS;
  }

  async join(memberId: string): Promise<Joined> {
    const [epoch, head] = (await this.#run(JOIN, memberId, this.#limits.members)) as [string, string];
    return { epoch, position: Number(head), storeMs: null };
  }

  async exchange(
    { id, epoch }: { readonly id: string; readonly epoch: string },
    progress: Progress,
    renew: boolean,
  ): Promise<Exchanged> {
    const { position } = progress;
    const confirmed = confirmedWithin(progress, this.#limits.exceptions);
    const told = `${confirmed.position} ${confirmed.exceptions.join()} ${confirmed.staleGuards}`;
    const reply = await this.#run(EXCHANGE, id, epoch, position, told, renew ? 1 : 0, this.#limits.changesAtOnce);
    const [head, entries] = reply as [string, Entry[]] | [];
    if (head === undefined || entries === undefined) return { outcome: 'lost' };
    const changes = entries.map(loggedChange);
    return { outcome: 'current', changes, complete: (changes.at(-1)?.number ?? position) === Number(head), storeMs: null };
  }

  async leave({ id, epoch }: { readonly id: string; readonly epoch: string }): Promise<void> {
    await this.#run(LEAVE, id, epoch);
  }

  onPublished(listener: () => void): void {
    this.connection.listen(this.#stream, listener);
  }

  async publish({ scope, handles }: CommittedChange): Promise<Published> {
    const reply = await this.#run(PUBLISH, JSON.stringify({ scope, handles }), this.#limits.changesHeld);
    const [epoch, number, state] = reply as [string, string, string[]];
    return { epoch, number: Number(number), members: membersOf(state) };
  }

  async members(): Promise<Members> {
    const [epoch, state] = (await this.#run(MEMBERS)) as [string, string[]];
    return { epoch, members: membersOf(state) };
  }

  async prune(epoch: string, { id, renewals }: Pick<MemberState, 'id' | 'renewals'>): Promise<boolean> {
    return (await this.#run(PRUNE, id, epoch, renewals)) === 1;
  }

  onProgress(listener: () => void): void {
    this.connection.listen(this.#state, listener);
  }

  #run(script: Script, ...values: readonly (string | number)[]): Promise<unknown> {
    return this.connection.run(script, this.#keys, [randomUUID(), this.options.identity, ...values]);
  }
}

/** Whatever shares it lies on one node of a cluster. */
function hashTag(installationId: string): string {
  return `{mintmark:${installationId}}`;
}

/** `number-0` and the fields. */
type Entry = readonly [id: string, fields: readonly string[]];

function loggedChange([id, fields]: Entry): LoggedChange {
  const change = JSON.parse(fields[1] ?? '') as Pick<LoggedChange, 'scope' | 'handles'>;
  return { number: Number.parseInt(id, 10), ...change };
}

/** Confirms no more than what goes with so many exceptions. */
function confirmedWithin(progress: Progress, most: number): Progress {
  const { exceptions } = progress;
  if (exceptions.length <= most) return progress;
  const ascending = exceptions.toSorted((one, other) => one - other);
  return { ...progress, position: (ascending[most] ?? 0) - 1, exceptions: ascending.slice(0, most) };
}

/** @param state the hash, names and values in turn */
function membersOf(state: readonly string[]): readonly MemberState[] {
  const names = state.flatMap((name, index) => (index % 2 === 0 && name.startsWith(MEMBER_PREFIX) ? [index] : []));
  return names.map((index) => memberState(state[index] ?? '', state[index + 1] ?? ''));
}

function memberState(name: string, value: string): MemberState {
  const [renewals, position, exceptions = '', staleGuards = 0] = value.split(' ');
  return {
    id: name.slice(MEMBER_PREFIX.length),
    renewals: Number(renewals),
    position: Number(position),
    exceptions: exceptions === '' ? [] : exceptions.split(',').map(Number),
    staleGuards: Number(staleGuards),
  };
}
