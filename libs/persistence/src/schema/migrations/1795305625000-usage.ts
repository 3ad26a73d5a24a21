import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often keys were verified, by hours and by days. */
export class Usage1795305625000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [owner, owners] of [
      ['key', 'keys'],
      ['account', 'accounts'],
    ] as const) {
      // The rows of the present hour and day are written every few seconds: room on their pages spares the indexes that.
      await runner.query(`
        CREATE TABLE ${owner}_usage (
          ${owner}_id text COLLATE "C" NOT NULL,
          granularity text COLLATE "C" NOT NULL,
          start timestamptz NOT NULL,
          outcome text COLLATE "C" NOT NULL,
          count bigint NOT NULL,
          CONSTRAINT ${owner}_usage_pkey PRIMARY KEY (${owner}_id, granularity, start, outcome),
          CONSTRAINT ${owner}_usage_${owner}_id_fkey FOREIGN KEY (${owner}_id) REFERENCES ${owners} (id) ON DELETE CASCADE,
          CONSTRAINT ${owner}_usage_granularity_check CHECK (granularity IN ('hour', 'day')),
          CONSTRAINT ${owner}_usage_count_check CHECK (count > 0)
        ) WITH (fillfactor = 80)`);
      await runner.query(`CREATE INDEX ${owner}_usage_granularity_start_idx ON ${owner}_usage (granularity, start)`);
    }
    await runner.query(`
      CREATE TABLE usage_sources (
        id text COLLATE "C" NOT NULL,
        batch bigint NOT NULL,
        added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT usage_sources_pkey PRIMARY KEY (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE key_usage, account_usage, usage_sources`);
  }
}
