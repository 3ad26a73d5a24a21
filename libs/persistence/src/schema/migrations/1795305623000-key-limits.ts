import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What bounds the use of keys, and how much of it was used. */
export class KeyLimits1795305623000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE keys ADD COLUMN limits jsonb`);
    // Rows are written at every verification: room on their pages lets Postgres do that without touching an index.
    await runner.query(`
      CREATE TABLE limit_counters (
        key_id text COLLATE "C" NOT NULL,
        credits bigint,
        counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        windows jsonb NOT NULL DEFAULT '{}',
        exhausted_at timestamptz,
        exhaustion_told boolean NOT NULL DEFAULT false,
        CONSTRAINT limit_counters_pkey PRIMARY KEY (key_id),
        CONSTRAINT limit_counters_key_id_fkey FOREIGN KEY (key_id) REFERENCES keys (id) ON DELETE CASCADE,
        CONSTRAINT limit_counters_credits_check CHECK (credits >= 0)
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE INDEX limit_counters_untold_idx ON limit_counters (exhausted_at) WHERE exhausted_at IS NOT NULL AND NOT exhaustion_told`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE limit_counters`);
    await runner.query(`ALTER TABLE keys DROP COLUMN limits`);
  }
}
