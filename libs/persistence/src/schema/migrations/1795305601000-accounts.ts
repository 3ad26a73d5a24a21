import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, and what their keys can be given. */
export class Accounts1795305601000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE accounts (
        id text COLLATE "C" NOT NULL,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'active',
        default_format text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT accounts_pkey PRIMARY KEY (id),
        CONSTRAINT accounts_status_check CHECK (status IN ('active', 'suspended'))
      )`);
    await runner.query(`
      CREATE TABLE key_formats (
        account_id text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        prefix text NOT NULL,
        environments text[] NOT NULL,
        encoding text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT key_formats_pkey PRIMARY KEY (account_id, name),
        CONSTRAINT key_formats_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT key_formats_prefix_check CHECK (prefix ~ '^[a-z][a-z0-9]*$'),
        CONSTRAINT key_formats_encoding_check CHECK (encoding IN ('base62', 'hex64'))
      )`);
    await runner.query(`
      ALTER TABLE accounts ADD CONSTRAINT accounts_id_default_format_fkey
        FOREIGN KEY (id, default_format) REFERENCES key_formats (account_id, name) DEFERRABLE INITIALLY DEFERRED`);
    await runner.query(`
      CREATE TABLE products (
        account_id text COLLATE "C" NOT NULL,
        id text COLLATE "C" NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT products_pkey PRIMARY KEY (account_id, id),
        CONSTRAINT products_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX products_account_id_created_at_id_idx ON products (account_id, created_at, id)`);
    await runner.query(`
      CREATE TABLE scopes (
        account_id text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        group_name text COLLATE "C" NOT NULL,
        description text NOT NULL,
        CONSTRAINT scopes_pkey PRIMARY KEY (account_id, name),
        CONSTRAINT scopes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
      )`);
    await runner.query(`CREATE INDEX scopes_account_id_group_name_name_idx ON scopes (account_id, group_name, name)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE scopes, products, key_formats, accounts`);
  }
}
