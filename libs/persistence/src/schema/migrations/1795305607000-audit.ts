import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The record of what was done in accounts, which the database itself keeps from being altered. */
export class Audit1795305607000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entries (
        account_id text COLLATE "C" NOT NULL,
        number bigint NOT NULL,
        at timestamptz NOT NULL,
        actor_type text NOT NULL,
        actor_id text COLLATE "C" NOT NULL,
        action text COLLATE "C" NOT NULL,
        target_type text NOT NULL,
        target_id text COLLATE "C" NOT NULL,
        request_id text,
        change_text text,
        change_salt bytea,
        change_digest bytea NOT NULL,
        origin_text text,
        origin_salt bytea,
        origin_digest bytea NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT audit_entries_pkey PRIMARY KEY (account_id, number),
        CONSTRAINT audit_entries_actor_type_check CHECK (actor_type IN ('person', 'key', 'system')),
        CONSTRAINT audit_entries_change_check CHECK ((change_text IS NULL) = (change_salt IS NULL)),
        CONSTRAINT audit_entries_origin_check CHECK ((origin_text IS NULL) = (origin_salt IS NULL))
      )`);
    await runner.query(`CREATE INDEX audit_entries_account_id_at_number_idx ON audit_entries (account_id, at, number)`);
    await runner.query(
      `CREATE INDEX audit_entries_account_id_actor_id_number_idx ON audit_entries (account_id, actor_id, number)`,
    );
    await runner.query(`CREATE INDEX audit_entries_account_id_action_number_idx ON audit_entries (account_id, action, number)`);
    await runner.query(
      `CREATE INDEX audit_entries_account_id_target_id_number_idx ON audit_entries (account_id, target_id, number)`,
    );
    await runner.query(`
      CREATE TABLE audit_heads (
        account_id text COLLATE "C" NOT NULL,
        number bigint NOT NULL,
        at timestamptz NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT audit_heads_pkey PRIMARY KEY (account_id)
      ) WITH (fillfactor = 50)`);
    // As linkHash of key-domain has it.
    await runner.query(`
      CREATE FUNCTION audit_link_hash(opening text, number bigint, at timestamptz, closing text, previous bytea)
      RETURNS bytea LANGUAGE sql STABLE AS $$
        SELECT sha256(convert_to(
          opening || number || ',"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '",'
            || closing || '"' || encode(previous, 'hex') || '"]', 'UTF8'))
      $$`);
    await runner.query(`
      CREATE FUNCTION refuse_alteration() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the audit record is neither altered nor deleted' USING ERRCODE = 'restrict_violation';
      END $$`);
    // Erasing what was told of a key that is deleted for good is all that may happen to an entry.
    await runner.query(`
      CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        erased audit_entries := OLD;
      BEGIN
        IF OLD.target_type = 'key' AND EXISTS (
          SELECT FROM audit_entries d
          WHERE d.account_id = OLD.account_id AND d.target_id = OLD.target_id AND d.action = 'key.deleted'
        ) THEN
          erased.change_text := NULL;
          erased.change_salt := NULL;
        END IF;
        IF NEW IS NOT DISTINCT FROM erased THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the audit record is neither altered nor deleted' USING ERRCODE = 'restrict_violation';
      END $$`);
    await runner.query(`
      CREATE FUNCTION audit_heads_advance() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.account_id = OLD.account_id AND NEW.number = OLD.number + 1 THEN RETURN NEW; END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the audit record is neither altered nor deleted' USING ERRCODE = 'restrict_violation';
      END $$`);
    for (const [table, onUpdate] of [
      ['audit_entries', 'audit_entries_stay'],
      ['audit_heads', 'audit_heads_advance'],
    ] as const) {
      await runner.query(`CREATE TRIGGER ${table}_update BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${onUpdate}()`);
      await runner.query(
        `CREATE TRIGGER ${table}_delete BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_alteration()`,
      );
      await runner.query(
        `CREATE TRIGGER ${table}_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_alteration()`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_heads, audit_entries`);
    await runner.query(`DROP FUNCTION audit_heads_advance, audit_entries_stay, refuse_alteration, audit_link_hash`);
  }
}
