import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which a key that was planned on what an account offered finds that it is offered no more. */
export class OfferVersions1795305617000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE accounts ADD COLUMN offer_version integer NOT NULL DEFAULT 1`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE accounts DROP COLUMN offer_version`);
  }
}
