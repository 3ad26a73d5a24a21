import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys and their secrets. */
export class Keys1795305603000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE keys (
        id text COLLATE "C" NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        name text NOT NULL,
        environment text,
        scopes text[] NOT NULL,
        all_products boolean NOT NULL,
        product_ids text[] NOT NULL,
        format text COLLATE "C" NOT NULL,
        owner_id text,
        metadata jsonb NOT NULL,
        allowed_cidrs text[] NOT NULL,
        enabled boolean NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by_type text NOT NULL,
        created_by_id text NOT NULL,
        revoked_at timestamptz,
        revocation_reason text,
        revocation_description text,
        CONSTRAINT keys_pkey PRIMARY KEY (id),
        CONSTRAINT keys_account_id_id_key UNIQUE (account_id, id),
        CONSTRAINT keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT keys_account_id_format_fkey FOREIGN KEY (account_id, format) REFERENCES key_formats (account_id, name),
        CONSTRAINT keys_product_ids_check CHECK (NOT all_products OR product_ids = '{}'),
        CONSTRAINT keys_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
        CONSTRAINT keys_created_by_type_check CHECK (created_by_type IN ('person', 'key', 'system')),
        CONSTRAINT keys_revocation_check CHECK (
          (revoked_at IS NULL) = (revocation_reason IS NULL) AND (revoked_at IS NOT NULL OR revocation_description IS NULL)
        ),
        CONSTRAINT keys_revocation_reason_check CHECK (
          revocation_reason IN ('key_compromise', 'superseded', 'affiliation_changed', 'privilege_withdrawn', 'unspecified')
        )
      )`);
    await runner.query(`CREATE INDEX keys_account_id_format_idx ON keys (account_id, format)`);
    // The room left in each page lets last_used_at be rewritten without touching an index.
    await runner.query(`
      CREATE TABLE secrets (
        id text COLLATE "C" NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        key_id text COLLATE "C" NOT NULL,
        digest bytea NOT NULL,
        pepper_id text COLLATE "C" NOT NULL,
        last_four text,
        imported boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ends_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        CONSTRAINT secrets_pkey PRIMARY KEY (id),
        CONSTRAINT secrets_digest_key UNIQUE (digest),
        CONSTRAINT secrets_key_id_account_id_fkey
          FOREIGN KEY (key_id, account_id) REFERENCES keys (id, account_id) ON DELETE CASCADE,
        CONSTRAINT secrets_digest_check CHECK (octet_length(digest) = 32)
      ) WITH (fillfactor = 85)`);
    await runner.query(`CREATE INDEX secrets_key_id_idx ON secrets (key_id)`);
    await runner.query(`CREATE INDEX secrets_pepper_id_idx ON secrets (pepper_id)`);
    await runner.query(`CREATE INDEX secrets_account_id_idx ON secrets (account_id) WHERE imported`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE secrets, keys`);
  }
}
