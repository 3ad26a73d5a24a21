import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which people an identity provider vouches for. */
export class Oidc1795305611000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identities (
        issuer text COLLATE "C" NOT NULL,
        subject text COLLATE "C" NOT NULL,
        person_id text COLLATE "C" NOT NULL,
        linked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject),
        CONSTRAINT identities_person_id_issuer_key UNIQUE (person_id, issuer),
        CONSTRAINT identities_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE identities`);
  }
}
