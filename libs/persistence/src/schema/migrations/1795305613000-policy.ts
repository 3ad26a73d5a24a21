import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An account's rules for the keys that are issued and changed in it. */
export class Policy1795305613000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE accounts
        ADD COLUMN max_lifetime_days integer,
        ADD COLUMN expiry_required boolean NOT NULL DEFAULT false,
        ADD COLUMN cidr_required boolean NOT NULL DEFAULT false,
        ADD COLUMN rotation_days integer DEFAULT 90,
        ADD COLUMN allowed_scopes_by_role jsonb NOT NULL DEFAULT '{}',
        ADD CONSTRAINT accounts_max_lifetime_days_check CHECK (max_lifetime_days > 0),
        ADD CONSTRAINT accounts_rotation_days_check CHECK (rotation_days > 0),
        ADD CONSTRAINT accounts_allowed_scopes_by_role_check CHECK (jsonb_typeof(allowed_scopes_by_role) = 'object')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE accounts
        DROP COLUMN max_lifetime_days, DROP COLUMN expiry_required, DROP COLUMN cidr_required,
        DROP COLUMN rotation_days, DROP COLUMN allowed_scopes_by_role`);
  }
}
