import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The installation, its peppers, and the counts by which the guessing of passwords is slowed down. */
export class Installation1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE installation (
        only_row boolean NOT NULL DEFAULT true,
        id text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        set_up_at timestamptz,
        CONSTRAINT installation_pkey PRIMARY KEY (only_row),
        CONSTRAINT installation_only_row_check CHECK (only_row)
      )`);
    await runner.query(`INSERT INTO installation (id) VALUES ('ins_' || replace(gen_random_uuid()::text, '-', ''))`);
    await runner.query(`
      CREATE TABLE peppers (
        id text COLLATE "C" NOT NULL,
        fingerprint bytea NOT NULL,
        first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT peppers_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`
      CREATE TABLE login_attempts (
        key varchar(255) NOT NULL,
        points integer NOT NULL DEFAULT 0,
        expire bigint,
        CONSTRAINT login_attempts_pkey PRIMARY KEY (key)
      )`);
    await runner.query(`CREATE INDEX login_attempts_expire_idx ON login_attempts (expire)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE login_attempts, peppers, installation`);
  }
}
