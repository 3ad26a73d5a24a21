import { connect } from '../connection/connect.js';
import { migratingOptions } from '../connection/data-source-options.js';
import type { DatabaseOptions } from '../connection/options.js';
import { migrate, revertLastMigration } from '../schema/migrate.js';
import { pendingMigrations } from '../schema/wait-for-schema.js';

export async function run(options: DatabaseOptions): Promise<void> {
  tell('ran', await migrate(options), 'the schema was up to date');
}

export async function revert(options: DatabaseOptions): Promise<void> {
  const name = await revertLastMigration(options);
  tell('took back', name === null ? [] : [name], 'there was nothing to take back');
}

/** Exits 1 where something is pending, so that a deployment can ask. */
export async function show(options: DatabaseOptions): Promise<void> {
  const dataSource = await connect(migratingOptions(options), options);
  const pending = await pendingMigrations(dataSource).finally(() => dataSource.destroy());
  tell('to be run', pending, 'the schema is up to date');
  process.exitCode = pending.length === 0 ? 0 : 1;
}

function tell(what: string, names: readonly string[], otherwise: string): void {
  const lines = names.length === 0 ? [otherwise] : names.map((name) => `${what}: ${name}`);
  for (const line of lines) process.stdout.write(`${line}\n`);
}
