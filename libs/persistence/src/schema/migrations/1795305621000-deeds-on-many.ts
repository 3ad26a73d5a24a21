import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which the record of a key leads to what was done to it together with others. */
export class DeedsOnMany1795305621000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE keys ADD COLUMN imported_in text COLLATE "C", ADD COLUMN revoked_in text COLLATE "C"`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE keys DROP COLUMN imported_in, DROP COLUMN revoked_in`);
  }
}
