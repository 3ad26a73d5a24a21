import { type CommittedChange, UnavailableError } from '#libs/key-domain';
import type { Members, MemberState, Progress, Published } from '../log/change-log.js';
import { changeOf, type ChangeRow } from '../postgres/change-row.js';
import type { LogConnection } from '../postgres/log-connection.js';
import type { HeardInquiries, Inquired, MadeInquiries } from './inquiry-log.js';
import { ANSWERS_CHANNEL, ASKED, HEAR, INQUIRE, INQUIRIES_CHANNEL } from './statements.js';

/** What is asked stays asked, whoever the server is: there is nothing that could begin anew. */
const ONLY_EPOCH = 'inquiries';

interface HeardRow extends ChangeRow {
  readonly position: number;
  /** Null: there is none. */
  readonly inquiry: number | null;
}

/** Inquiries beside the registry: the number of one stands with its change in the journal, the answers with the members. */
export class PostgresInquiryLog implements HeardInquiries, MadeInquiries {
  constructor(private readonly connection: LogConnection) {}

  async publish({ place }: CommittedChange): Promise<Published> {
    const [row] = await this.connection.query<{ inquiry: number }>(INQUIRE, [place]);
    if (row === undefined) {
      throw new UnavailableError('The change can not be asked about at the moment.', { detail: 'it is being asked about' });
    }
    return { ...(await this.members()), number: row.inquiry };
  }

  async members(): Promise<Members> {
    return { epoch: ONLY_EPOCH, members: await this.connection.query<MemberState>(ASKED) };
  }

  onProgress(listener: () => void): void {
    this.connection.listen(ANSWERS_CHANNEL, listener);
  }

  async exchange(memberId: string, { position, exceptions, staleGuards }: Progress, isNews: boolean): Promise<Inquired> {
    const rows = await this.connection.query<HeardRow>(HEAR, [memberId, position, exceptions, isNews, staleGuards]);
    const [first] = rows;
    if (first === undefined) throw new Error('the journal of changes has no head');
    const inquiries = rows.flatMap((row) => (row.inquiry === null ? [] : [changeOf(row, row.inquiry)]));
    return { inquiries, position: first.position };
  }

  onPublished(listener: () => void): void {
    this.connection.listen(INQUIRIES_CHANNEL, listener);
  }
}
