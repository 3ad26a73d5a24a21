import type { LogConnection } from '../postgres/log-connection.js';
import type { MemberRegistry } from './member-registry.js';

const RECORD = {
  name: 'registry_record',
  text: `
    WITH former AS (DELETE FROM verifiers WHERE id = ANY ($2))
    INSERT INTO verifiers (id, place, answered) SELECT $1, 0, inquired FROM change_journal
    RETURNING answered::float8 AS answered`,
};
const REMOVE = { name: 'registry_remove', text: 'DELETE FROM verifiers WHERE id = $1' };
const IDS = { name: 'registry_ids', text: 'SELECT id FROM verifiers' };

/** The registry beside the keys themselves: whoever can't read it can't have changed a key either. */
export class PostgresMemberRegistry implements MemberRegistry {
  constructor(private readonly connection: LogConnection) {}

  async record(id: string, former: readonly string[]): Promise<number> {
    const [row] = await this.connection.query<{ answered: number }>(RECORD, [id, former]);
    if (row === undefined) throw new Error('the journal of changes has no head');
    return row.answered;
  }

  async remove(id: string): Promise<void> {
    await this.connection.query(REMOVE, [id]);
  }

  async ids(): Promise<readonly string[]> {
    return (await this.connection.query<{ id: string }>(IDS)).map(({ id }) => id);
  }
}
