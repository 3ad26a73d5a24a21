import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is told of what happens in accounts, and what is on its way to them. */
export class Webhooks1795305612000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhooks (
        id text COLLATE "C" NOT NULL,
        account_id text COLLATE "C" NOT NULL,
        url text NOT NULL,
        events text[] NOT NULL,
        description text,
        enabled boolean NOT NULL DEFAULT true,
        disabled_reason text,
        secret bytea NOT NULL,
        pepper_id text COLLATE "C" NOT NULL,
        former_secret bytea,
        former_pepper_id text COLLATE "C",
        former_secret_ends_at timestamptz,
        failing boolean NOT NULL DEFAULT false,
        given_up integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT webhooks_pkey PRIMARY KEY (id),
        CONSTRAINT webhooks_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT webhooks_disabled_reason_check CHECK (disabled_reason IS NULL OR (disabled_reason IN ('gone', 'failing') AND NOT enabled)),
        CONSTRAINT webhooks_former_secret_check CHECK (
          (former_secret IS NULL) = (former_pepper_id IS NULL) AND (former_secret IS NULL) = (former_secret_ends_at IS NULL)
        )
      )`);
    await runner.query(`CREATE INDEX webhooks_account_id_id_idx ON webhooks (account_id, id)`);
    await runner.query(`
      CREATE TABLE webhook_deliveries (
        webhook_id text COLLATE "C" NOT NULL,
        event_id text COLLATE "C" NOT NULL,
        type text COLLATE "C" NOT NULL,
        occurred_at timestamptz NOT NULL,
        data jsonb NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz DEFAULT clock_timestamp(),
        CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (webhook_id, event_id),
        CONSTRAINT webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE,
        CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed')),
        CONSTRAINT webhook_deliveries_next_attempt_at_check CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
      )`);
    await runner.query(`
      CREATE INDEX webhook_deliveries_webhook_id_next_attempt_at_idx ON webhook_deliveries (webhook_id, next_attempt_at)
      WHERE next_attempt_at IS NOT NULL`);
    await runner.query(`CREATE INDEX webhook_deliveries_occurred_at_idx ON webhook_deliveries (occurred_at)`);
    await runner.query(`
      CREATE TABLE webhook_attempts (
        webhook_id text COLLATE "C" NOT NULL,
        event_id text COLLATE "C" NOT NULL,
        number integer NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        duration_ms integer NOT NULL,
        status_code integer,
        error text,
        response text,
        CONSTRAINT webhook_attempts_pkey PRIMARY KEY (webhook_id, event_id, number),
        CONSTRAINT webhook_attempts_webhook_id_event_id_fkey
          FOREIGN KEY (webhook_id, event_id) REFERENCES webhook_deliveries (webhook_id, event_id) ON DELETE CASCADE
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE webhook_attempts, webhook_deliveries, webhooks`);
  }
}
