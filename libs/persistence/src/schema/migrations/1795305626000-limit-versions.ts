import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which of its limits a key is counted, so that a request that came before they were changed is not judged by the former ones. */
export class LimitVersions1795305626000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE limit_counters ADD COLUMN limits_version text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE limit_counters DROP COLUMN limits_version`);
  }
}
