import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many guards on a verifier's word may let requests in without a verdict while no verifier can be reached. */
export class StaleGuards1795305606000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE verifiers ADD COLUMN stale_guards integer NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE verifiers DROP COLUMN stale_guards`);
  }
}
