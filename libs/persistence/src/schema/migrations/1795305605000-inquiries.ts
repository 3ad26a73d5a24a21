import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What admins ask of verifiers by way of Postgres, where the log is elsewhere and does not tell. */
export class Inquiries1795305605000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Inquiries are numbered as changes are: whoever sees one sees all before it.
    await runner.query(`ALTER TABLE change_journal ADD COLUMN inquired bigint NOT NULL DEFAULT 0`);
    await runner.query(`ALTER TABLE changes ADD COLUMN inquiry bigint`);
    await runner.query(`CREATE UNIQUE INDEX changes_inquiry_idx ON changes (inquiry) WHERE inquiry IS NOT NULL`);
    await runner.query(`
      ALTER TABLE verifiers
        ADD COLUMN answered bigint NOT NULL DEFAULT 0,
        ADD COLUMN unanswered bigint[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE verifiers DROP COLUMN answered, DROP COLUMN unanswered`);
    await runner.query(`ALTER TABLE changes DROP COLUMN inquiry`);
    await runner.query(`ALTER TABLE change_journal DROP COLUMN inquired`);
  }
}
