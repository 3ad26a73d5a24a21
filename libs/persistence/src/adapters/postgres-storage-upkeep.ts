import type { StorageUpkeep } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Tables below so many rows are read quickly by any plan. */
const FEW_ROWS = 10_000;

/** A table is looked at again once it holds so many times as many rows. */
const GROWTH = 2;

/** Only whoever owns a table may have it looked at. */
const GROWN = {
  name: 'tables_that_have_grown',
  text: `
  SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
  WHERE c.relkind = 'r' AND c.relname = ANY ($1) AND c.relnamespace = current_schema()::regnamespace
    AND s.n_live_tup > greatest(${FEW_ROWS}, ${GROWTH} * c.reltuples) AND pg_has_role(c.relowner, 'USAGE')`,
};

/**
 * Postgres plans by statistics that its autovacuum brings up to date once a minute, by default. Until then it takes a table that a large
 * import has just filled for empty, compares each row of it with each of another, and answers nothing in time.
 */
@Injectable()
export class PostgresStorageUpkeep implements StorageUpkeep {
  constructor(private readonly database: Database) {}

  async takeStock(): Promise<void> {
    const tables = this.database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    const grown = await this.database.prepared<{ readonly name: string }>(GROWN, [tables]);
    // Where somebody else looks at it already, that will do.
    for (const { name } of grown) await this.database.run((manager) => manager.query(`ANALYZE (SKIP_LOCKED) ${name}`));
  }
}
