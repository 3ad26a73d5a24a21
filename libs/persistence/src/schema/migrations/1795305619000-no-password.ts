import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People without a password, who sign in at an identity provider alone. */
export class NoPassword1795305619000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE people ALTER COLUMN password_hash DROP NOT NULL`);
  }

  /** Whoever has none gets the hash of a password that nobody knows: random, and of no input. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE people SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$'
          || rtrim(encode(uuid_send(gen_random_uuid()), 'base64'), '=') || '$'
          || rtrim(encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'base64'), '=')
        WHERE password_hash IS NULL`);
    await runner.query(`ALTER TABLE people ALTER COLUMN password_hash SET NOT NULL`);
  }
}
