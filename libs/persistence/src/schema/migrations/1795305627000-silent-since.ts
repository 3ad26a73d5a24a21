import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Since when a secret that was never used is silent, beside it: keys that were made later on the day that a list ends with are
 * passed over without being looked at.
 */
export class SilentSince1795305627000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE secrets ADD COLUMN key_made_at timestamptz NOT NULL DEFAULT '-infinity'`);
    await runner.query(`
      UPDATE secrets s SET key_made_at = k.created_at FROM keys k WHERE k.id = s.key_id AND s.newest AND s.last_used_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE secrets DROP COLUMN key_made_at`);
  }
}
