import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lines of imports by what their senders call them, so that an import can be sent again. */
export class ImportLines1795305614500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE import_lines (
        account_id text COLLATE "C" NOT NULL,
        line_key text COLLATE "C" NOT NULL,
        key_id text COLLATE "C" NOT NULL,
        digest bytea NOT NULL,
        CONSTRAINT import_lines_pkey PRIMARY KEY (account_id, line_key),
        CONSTRAINT import_lines_key_id_fkey FOREIGN KEY (key_id) REFERENCES keys (id) ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX import_lines_key_id_idx ON import_lines (key_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE import_lines`);
  }
}
