import type { MigrationInterface, QueryRunner } from 'typeorm';

const MONTH = (time: string) => `date_trunc('month', ${time})`;

/** By when a key's newest secret was made, and by the last day on which that secret was used. */
const LISTS = {
  secrets_made_month_idx: `(account_id, (${MONTH(`created_at AT TIME ZONE 'UTC'`)}), key_id)`,
  secrets_made_day_idx: `(account_id, (date_trunc('day', created_at AT TIME ZONE 'UTC')), key_id) INCLUDE (created_at)`,
  secrets_used_month_idx: `(account_id, (${MONTH('used_day::timestamp')}), key_id)`,
  secrets_used_day_idx: `(account_id, used_day, key_id)`,
};

const USED_DAY = `(last_used_at AT TIME ZONE 'UTC')::date`;

/**
 * A key stands in the lists by its newest secret, ended or not: one that was ended by hand while its forerunner lives on is the
 * newest all the same. A key that was never used is silent since it was made: it stands with those that were last used then, so
 * that those too young to be wanted need not be passed over.
 */
export class NewestSecrets1795305618000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE secrets ADD COLUMN newest boolean NOT NULL DEFAULT true`);
    await runner.query(`
      UPDATE secrets s SET newest = false
      WHERE EXISTS (SELECT FROM secrets n WHERE n.key_id = s.key_id AND (n.created_at, n.id) > (s.created_at, s.id))`);
    await runner.query(`ALTER TABLE secrets DROP CONSTRAINT secrets_used_day_check`);
    await runner.query(`
      UPDATE secrets s SET used_day = (k.created_at AT TIME ZONE 'UTC')::date FROM keys k
      WHERE k.id = s.key_id AND s.last_used_at IS NULL`);
    await runner.query(`
      ALTER TABLE secrets ADD CONSTRAINT secrets_used_day_check CHECK (last_used_at IS NULL OR used_day = ${USED_DAY})`);
    await listWhere(runner, 'newest');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE secrets SET used_day = '-infinity' WHERE last_used_at IS NULL`);
    await runner.query(`ALTER TABLE secrets DROP CONSTRAINT secrets_used_day_check`);
    await runner.query(`
      ALTER TABLE secrets ADD CONSTRAINT secrets_used_day_check CHECK (used_day = coalesce(${USED_DAY}, '-infinity'))`);
    await listWhere(runner, 'ends_at IS NULL');
    await runner.query(`ALTER TABLE secrets DROP COLUMN newest`);
  }
}

async function listWhere(runner: QueryRunner, condition: string): Promise<void> {
  for (const [name, columns] of Object.entries(LISTS)) {
    await runner.query(`DROP INDEX ${name}`);
    await runner.query(`CREATE INDEX ${name} ON secrets ${columns} WHERE ${condition}`);
  }
}
