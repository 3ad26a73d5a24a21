import type { MigrationInterface, QueryRunner } from 'typeorm';

const MONTH = (time: string) => `date_trunc('month', ${time} AT TIME ZONE 'UTC')`;
const DAY = (time: string) => `date_trunc('day', ${time} AT TIME ZONE 'UTC')`;

/** In each of these the keys that one filter leaves stand in the order of a list, so that any page of them is read as it is shown. */
const INDEXES = [
  `keys_account_id_environment_id_idx ON keys (account_id, environment, id)`,
  `keys_account_id_owner_id_id_idx ON keys (account_id, owner_id, id) WHERE owner_id IS NOT NULL`,
  `keys_revoked_idx ON keys (account_id, id) WHERE revoked_at IS NOT NULL`,
  `keys_disabled_idx ON keys (account_id, id) WHERE revoked_at IS NULL AND NOT enabled`,
  `keys_endless_idx ON keys (account_id, id) WHERE revoked_at IS NULL AND enabled AND expires_at IS NULL`,
  // Times are listed by month and by day: whatever is before a time is whole months, whole days and the part of one day.
  `keys_expiry_month_idx ON keys (account_id, (CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END), (${MONTH('expires_at')}), id)
     WHERE expires_at IS NOT NULL`,
  `keys_expiry_day_idx ON keys (account_id, (CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END), (${DAY('expires_at')}), id)
     WHERE expires_at IS NOT NULL`,
  `secrets_last_four_idx ON secrets (account_id, last_four, key_id)`,
  `secrets_made_month_idx ON secrets (account_id, (${MONTH('created_at')}), key_id) WHERE ends_at IS NULL`,
  `secrets_made_day_idx ON secrets (account_id, (${DAY('created_at')}), key_id) WHERE ends_at IS NULL`,
  `secrets_used_month_idx ON secrets (account_id, (date_trunc('month', used_day::timestamp)), key_id) WHERE ends_at IS NULL`,
  `secrets_used_day_idx ON secrets (account_id, used_day, key_id) WHERE ends_at IS NULL`,
];

/** What the filters of the list of keys are answered from. */
export class KeyFilters1795305609000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // An index on last_used_at itself would be written to at every use that is recorded; the day changes once a day.
    await runner.query(`ALTER TABLE secrets ADD COLUMN used_day date NOT NULL DEFAULT '-infinity'`);
    await runner.query(`UPDATE secrets SET used_day = (last_used_at AT TIME ZONE 'UTC')::date WHERE last_used_at IS NOT NULL`);
    await runner.query(`
      ALTER TABLE secrets ADD CONSTRAINT secrets_used_day_check
        CHECK (used_day = coalesce((last_used_at AT TIME ZONE 'UTC')::date, '-infinity'))`);
    for (const index of INDEXES) await runner.query(`CREATE INDEX ${index}`);
    await createTerms(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const does of ['insert', 'update', 'delete']) await runner.query(`DROP TRIGGER keys_${does}_terms ON keys`);
    await runner.query(`DROP TABLE key_terms`);
    await runner.query(`DROP FUNCTION keys_insert_terms, keys_update_terms, keys_delete_terms, key_terms_of, name_words`);
    for (const index of INDEXES) await runner.query(`DROP INDEX ${index.slice(0, index.indexOf(' '))}`);
    await runner.query(`ALTER TABLE secrets DROP COLUMN used_day`);
  }
}

/**
 * A key stands in the list of each of its terms: `s:` with a scope that it holds, `p:` with a product, `P` for every product,
 * `w:` with a word of its name. An index over arrays (GIN) finds them too, but in no order: a page of a frequent term would be
 * sorted out of all that have it. Triggers keep the lists, so that whatever writes keys keeps them.
 */
async function createTerms(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION name_words(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT array_agg(DISTINCT word) FROM regexp_split_to_table(lower(name), '[\\s!-/:-@\\[-\`{-~]+') word WHERE word <> ''
    $$`);
  await runner.query(`
    CREATE FUNCTION key_terms_of(name text, scopes text[], all_products boolean, product_ids text[])
      RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT 's:' || scope FROM unnest(scopes) scope
      UNION SELECT 'p:' || product FROM unnest(product_ids) product
      UNION SELECT 'P' WHERE all_products
      UNION SELECT 'w:' || word FROM unnest(name_words(name)) word
    $$`);
  await runner.query(`
    CREATE TABLE key_terms (
      account_id text COLLATE "C" NOT NULL,
      term text COLLATE "C" NOT NULL,
      key_id text COLLATE "C" NOT NULL,
      CONSTRAINT key_terms_pkey PRIMARY KEY (account_id, term, key_id)
    )`);
  await runner.query(`
    INSERT INTO key_terms SELECT k.account_id, term, k.id
    FROM keys k, key_terms_of(k.name, k.scopes, k.all_products, k.product_ids) term`);
  await createTriggers(runner);
}

async function createTriggers(runner: QueryRunner): Promise<void> {
  const enter = (keys: string) => `
    INSERT INTO key_terms SELECT k.account_id, term, k.id
    FROM ${keys} k, key_terms_of(k.name, k.scopes, k.all_products, k.product_ids) term;`;
  const leave = `
    DELETE FROM key_terms WHERE account_id = OLD.account_id AND key_id = OLD.id
      AND term IN (SELECT key_terms_of(OLD.name, OLD.scopes, OLD.all_products, OLD.product_ids));`;
  const body = (statements: string) => `RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statements} RETURN NULL; END $$`;
  await runner.query(`CREATE FUNCTION keys_insert_terms() ${body(enter('added'))}`);
  await runner.query(`CREATE FUNCTION keys_update_terms() ${body(`${leave} ${enter('(SELECT NEW.*)')}`)}`);
  await runner.query(`CREATE FUNCTION keys_delete_terms() ${body(leave)}`);
  await runner.query(`
    CREATE TRIGGER keys_insert_terms AFTER INSERT ON keys REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION keys_insert_terms()`);
  await runner.query(`
    CREATE TRIGGER keys_update_terms AFTER UPDATE OF name, scopes, all_products, product_ids ON keys
      FOR EACH ROW EXECUTE FUNCTION keys_update_terms()`);
  await runner.query(`
    CREATE TRIGGER keys_delete_terms AFTER DELETE ON keys FOR EACH ROW EXECUTE FUNCTION keys_delete_terms()`);
}
