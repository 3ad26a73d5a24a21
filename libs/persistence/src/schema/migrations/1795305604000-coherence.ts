import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The journal of changes that verifiers follow, and the verifiers that may hold a lease on their memory. */
export class Coherence1795305604000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Its row is locked from the numbering of a change to its commit, so that places are committed in their order.
    await runner.query(`
      CREATE TABLE change_journal (
        only_row boolean NOT NULL DEFAULT true,
        head bigint NOT NULL DEFAULT 0,
        CONSTRAINT change_journal_pkey PRIMARY KEY (only_row),
        CONSTRAINT change_journal_only_row_check CHECK (only_row)
      )`);
    await runner.query(`INSERT INTO change_journal DEFAULT VALUES`);
    await runner.query(`
      CREATE TABLE changes (
        place bigint NOT NULL,
        kind text NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        key_id text COLLATE "C" NOT NULL,
        handles text[] NOT NULL,
        committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        published boolean NOT NULL DEFAULT false,
        CONSTRAINT changes_pkey PRIMARY KEY (place),
        CONSTRAINT changes_kind_check CHECK (kind IN ('key', 'account', 'all'))
      )`);
    await runner.query(`CREATE INDEX changes_key_id_place_idx ON changes (key_id, place)`);
    await runner.query(`CREATE INDEX changes_unpublished_idx ON changes (place) WHERE NOT published`);
    await runner.query(`
      CREATE TABLE verifiers (
        id text COLLATE "C" NOT NULL,
        joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        renewed_at timestamptz,
        renewals bigint NOT NULL DEFAULT 0,
        place bigint NOT NULL,
        exceptions bigint[] NOT NULL DEFAULT '{}',
        CONSTRAINT verifiers_pkey PRIMARY KEY (id)
      ) WITH (fillfactor = 50)`);
    await runner.query(`ALTER TABLE installation ADD COLUMN change_log text COLLATE "C"`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE installation DROP COLUMN change_log`);
    await runner.query(`DROP TABLE verifiers, changes, change_journal`);
  }
}
