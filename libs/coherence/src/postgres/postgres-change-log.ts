import type { CommittedChange } from '#libs/key-domain';
import type {
  Exchanged,
  FollowedLog,
  Joined,
  Members,
  MemberState,
  Progress,
  Published,
  PublishedLog,
} from '../log/change-log.js';
import { changeOf, type ChangeRow } from './change-row.js';
import type { LogConnection } from './log-connection.js';
import { CHANGES_CHANNEL, EXCHANGE, JOIN, LEAVE, MEMBERS, PROGRESS_CHANNEL, PRUNE } from './statements.js';

/**
 * Postgres knows of one epoch: what is committed stays, members and their renewals included, and a server that took
 * over from another has all of it.
 */
const ONLY_EPOCH = 'postgres';

interface ExchangeRow extends ChangeRow {
  readonly members: number;
  readonly now: number;
  readonly head: number;
  readonly place: number | null;
}

/** The journal of changes read as the log: publishing is committing. */
export class PostgresChangeLog implements FollowedLog, PublishedLog {
  #told = '';

  constructor(private readonly connection: LogConnection) {}

  async join(memberId: string): Promise<Joined> {
    const [row] = await this.connection.query<{ position: number; now: number }>(JOIN, [memberId]);
    if (row === undefined) throw new Error('the journal of changes has no head');
    return { epoch: ONLY_EPOCH, position: row.position, storeMs: row.now };
  }

  async exchange({ id }: { readonly id: string }, progress: Progress, renew: boolean): Promise<Exchanged> {
    const { position, exceptions, staleGuards } = progress;
    const telling = `${id} ${position} ${exceptions.join()} ${staleGuards}`;
    const isNews = telling !== this.#told;
    const durability = renew ? 'on' : 'off';
    const rows = await this.connection.query<ExchangeRow>(EXCHANGE, [
      id,
      position,
      exceptions,
      renew ? 1 : 0,
      isNews,
      durability,
      staleGuards,
    ]);
    this.#told = telling;
    return exchanged(rows, position);
  }

  async leave({ id }: { readonly id: string }): Promise<void> {
    await this.connection.query(LEAVE, [id]);
  }

  onPublished(listener: () => void): void {
    this.connection.listen(CHANGES_CHANNEL, listener);
  }

  /** It was published by its commit: what is left is to ask who may not know. */
  async publish({ place }: CommittedChange): Promise<Published> {
    return { ...(await this.members()), number: place };
  }

  async members(): Promise<Members> {
    return { epoch: ONLY_EPOCH, members: await this.connection.query<MemberState>(MEMBERS) };
  }

  async prune(_epoch: string, { id, renewals }: Pick<MemberState, 'id' | 'renewals'>): Promise<void> {
    await this.connection.query(PRUNE, [id, renewals]);
  }

  onProgress(listener: () => void): void {
    this.connection.listen(PROGRESS_CHANNEL, listener);
  }
}

function exchanged(rows: readonly ExchangeRow[], position: number): Exchanged {
  const [first] = rows;
  if (first === undefined) throw new Error('the journal of changes has no head');
  const changes = rows.flatMap((row) => (row.place === null ? [] : [changeOf(row, row.place)]));
  const hasGap = first.head !== position && first.place !== position + 1;
  if (first.members === 0 || hasGap) return { outcome: 'lost' };
  const reached = changes.at(-1)?.number ?? position;
  return { outcome: 'current', changes, complete: reached === first.head, storeMs: first.now };
}
