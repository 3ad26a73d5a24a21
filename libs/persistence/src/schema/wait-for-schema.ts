import { UnavailableError } from '#libs/key-domain';
import { type Log, StartError } from '#libs/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource, MigrationExecutor } from 'typeorm';
import { toDomainError } from '../connection/driver-error.js';

/** Milliseconds between two looks at the schema. */
const POLL_MS = 250;

/** Milliseconds between two lines that say what is waited for. */
const SAY_AGAIN_MS = 30_000;

/** The names of the migrations that are still to be run. Writes nothing: a role that may not change the schema can ask. */
export async function pendingMigrations(dataSource: DataSource): Promise<readonly string[]> {
  return (await new MigrationExecutor(dataSource).getPendingMigrations()).map(({ name }) => name);
}

/** Resolves when whoever migrates has brought the schema up to date, however long that takes. */
export async function waitForSchema(dataSource: DataSource, log: Log): Promise<void> {
  let saidAt = -Infinity;
  for (;;) {
    const pending = await pendingOrUnknown(dataSource);
    if (pending?.length === 0) return;
    if (Date.now() - saidAt >= SAY_AGAIN_MS) {
      saidAt = Date.now();
      log.warn({ pending }, 'waiting for the schema to be migrated: start the admin app, or run `npm run migration:run`');
    }
    await sleep(POLL_MS);
  }
}

/** @throws StartError when the database has no schema of Mintmark's, or that of an earlier version; nothing of it is changed */
export async function refuseOtherSchema(dataSource: DataSource): Promise<void> {
  const pending = await pendingMigrations(dataSource);
  if (pending.length === 0) return;
  await dataSource.destroy();
  throw new StartError(
    'The database is not one that this version of Mintmark has been started on: start it first, or correct MINTMARK_DATABASE_URL.',
  );
}

/** Null: the server is away for the moment. */
async function pendingOrUnknown(dataSource: DataSource): Promise<readonly string[] | null> {
  try {
    return await pendingMigrations(dataSource);
  } catch (error) {
    const failure = toDomainError(error);
    if (failure instanceof UnavailableError) return null;
    throw failure;
  }
}
