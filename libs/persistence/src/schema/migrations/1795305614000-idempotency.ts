import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Requests that are carried out once, by the keys that their senders gave them. */
export class Idempotency1795305614000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_records (
        account_id text COLLATE "C" NOT NULL,
        actor_type text NOT NULL,
        actor_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        fingerprint bytea NOT NULL,
        attempt uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        begun_at timestamptz DEFAULT clock_timestamp(),
        target_type text,
        target_id text,
        status integer,
        answer text,
        CONSTRAINT idempotency_records_pkey PRIMARY KEY (account_id, actor_type, actor_id, key),
        CONSTRAINT idempotency_records_attempt_key UNIQUE (attempt)
      )`);
    await runner.query(`CREATE INDEX idempotency_records_created_at_idx ON idempotency_records (created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE idempotency_records`);
  }
}
