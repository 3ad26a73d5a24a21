import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What accounts are told of when its time comes, and how far it was looked for. */
export class Notices1795305615000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE key_notices (
        key_id text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        moment timestamptz NOT NULL,
        CONSTRAINT key_notices_pkey PRIMARY KEY (key_id, kind),
        CONSTRAINT key_notices_key_id_fkey FOREIGN KEY (key_id) REFERENCES keys (id) ON DELETE CASCADE,
        CONSTRAINT key_notices_kind_check CHECK (kind IN ('expires_in_7_days', 'expires_in_1_day', 'rotation_due'))
      )`);
    await runner.query(`
      CREATE TABLE notice_rounds (
        account_id text COLLATE "C" NOT NULL,
        event text COLLATE "C" NOT NULL,
        next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        begun_at timestamptz,
        day timestamp NOT NULL DEFAULT '-infinity',
        key_id text COLLATE "C" NOT NULL DEFAULT '',
        reached timestamptz,
        whole_at timestamptz,
        CONSTRAINT notice_rounds_pkey PRIMARY KEY (account_id, event),
        CONSTRAINT notice_rounds_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT notice_rounds_event_check CHECK (event IN ('key.expiring', 'key.rotation_due'))
      )`);
    await runner.query(`CREATE INDEX notice_rounds_next_at_idx ON notice_rounds (next_at)`);
    await runner.query(`
      CREATE INDEX webhooks_noticed_idx ON webhooks (account_id)
      WHERE enabled AND events && ARRAY['key.expiring', 'key.rotation_due']`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX webhooks_noticed_idx`);
    await runner.query(`DROP TABLE notice_rounds, key_notices`);
  }
}
