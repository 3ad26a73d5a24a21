import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, what they are to accounts, and their sessions. */
export class People1795305602000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE people (
        id text COLLATE "C" NOT NULL,
        email text NOT NULL,
        email_folded text NOT NULL,
        password_hash text NOT NULL,
        operator boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT people_pkey PRIMARY KEY (id),
        CONSTRAINT people_email_folded_key UNIQUE (email_folded)
      )`);
    await runner.query(`
      CREATE TABLE memberships (
        person_id text COLLATE "C" NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        role text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT memberships_pkey PRIMARY KEY (person_id, account_id),
        CONSTRAINT memberships_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE,
        CONSTRAINT memberships_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT memberships_role_check CHECK (role IN ('owner', 'admin', 'developer', 'viewer'))
      )`);
    await runner.query(`CREATE INDEX memberships_account_id_idx ON memberships (account_id)`);
    await runner.query(`
      CREATE TABLE sessions (
        digest bytea NOT NULL,
        person_id text COLLATE "C" NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        CONSTRAINT sessions_pkey PRIMARY KEY (digest),
        CONSTRAINT sessions_person_id_account_id_fkey
          FOREIGN KEY (person_id, account_id) REFERENCES memberships (person_id, account_id) ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX sessions_person_id_account_id_idx ON sessions (person_id, account_id)`);
    await runner.query(`CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE sessions, memberships, people`);
  }
}
