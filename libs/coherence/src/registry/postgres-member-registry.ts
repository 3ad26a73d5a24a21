import type { LogConnection } from '../postgres/log-connection.js';
import type { MemberRegistry } from './member-registry.js';

const RECORD = {
  name: 'registry_record',
  text: `
    WITH former AS (DELETE FROM verifiers WHERE id = ANY ($2))
    INSERT INTO verifiers (id, place) VALUES ($1, 0)`,
};
const REMOVE = { name: 'registry_remove', text: 'DELETE FROM verifiers WHERE id = $1' };
const IDS = { name: 'registry_ids', text: 'SELECT id FROM verifiers' };

/** The registry beside the keys themselves: whoever can't read it can't have changed a key either. */
export class PostgresMemberRegistry implements MemberRegistry {
  constructor(private readonly connection: LogConnection) {}

  async record(id: string, former: readonly string[]): Promise<void> {
    await this.connection.query(RECORD, [id, former]);
  }

  async remove(id: string): Promise<void> {
    await this.connection.query(REMOVE, [id]);
  }

  async ids(): Promise<readonly string[]> {
    return (await this.connection.query<{ id: string }>(IDS)).map(({ id }) => id);
  }
}
