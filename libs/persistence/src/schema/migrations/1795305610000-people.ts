import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Invitations, and sessions that their people can see. */
export class People1795305610000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE invitations (
        id text COLLATE "C" NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        email text NOT NULL,
        email_folded text NOT NULL,
        role text NOT NULL,
        digest bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        CONSTRAINT invitations_pkey PRIMARY KEY (id),
        CONSTRAINT invitations_digest_key UNIQUE (digest),
        CONSTRAINT invitations_account_id_email_folded_key UNIQUE (account_id, email_folded),
        CONSTRAINT invitations_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT invitations_role_check CHECK (role IN ('owner', 'admin', 'developer', 'viewer'))
      )`);
    await runner.query(
      `ALTER TABLE sessions ADD COLUMN id text COLLATE "C", ADD COLUMN address text, ADD COLUMN user_agent text`,
    );
    await runner.query(`UPDATE sessions SET id = 'ses_' || replace(gen_random_uuid()::text, '-', '')`);
    await runner.query(`ALTER TABLE sessions ALTER COLUMN id SET NOT NULL, ADD CONSTRAINT sessions_id_key UNIQUE (id)`);
    await runner.query(`DROP INDEX memberships_account_id_idx`);
    await runner.query(`CREATE INDEX memberships_account_id_person_id_idx ON memberships (account_id, person_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX memberships_account_id_person_id_idx`);
    await runner.query(`CREATE INDEX memberships_account_id_idx ON memberships (account_id)`);
    await runner.query(`ALTER TABLE sessions DROP COLUMN id, DROP COLUMN address, DROP COLUMN user_agent`);
    await runner.query(`DROP TABLE invitations`);
  }
}
