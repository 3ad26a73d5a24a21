import { type Log, StartError } from '#libs/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationExecutor } from 'typeorm';
import { connect } from '../connection/connect.js';
import { migratingOptions } from '../connection/data-source-options.js';
import type { DatabaseOptions } from '../connection/options.js';

/** The advisory lock that whoever migrates holds: "mintmark" in ASCII. */
const MIGRATION_LOCK = '7883954069019128427';

/** Another process' migration is waited for, this many milliseconds. */
const LOCK_LIMIT_MS = 600_000;

/** Milliseconds between two looks at the lock. */
const LOCK_POLL_MS = 100;

/**
 * Brings the schema up to date. Of any number of processes one migrates, and the others find it done.
 * @returns the names of the migrations that this call ran
 */
export async function migrate(options: DatabaseOptions): Promise<readonly string[]> {
  return underLock(options, async (executor) => {
    const done = (await executor.executePendingMigrations()).map(({ name }) => name);
    if (done.length > 0) options.log.info({ migrations: done }, 'migrated the schema');
    return done;
  });
}

/**
 * Takes back the last migration, and what was stored by it.
 * @returns its name; null: none had been run
 */
export async function revertLastMigration(options: DatabaseOptions): Promise<string | null> {
  return underLock(options, async (executor) => {
    const [last] = await executor.getExecutedMigrations();
    await executor.undoLastMigration();
    return last?.name ?? null;
  });
}

/**
 * Lock and work share the only session of a data source, so that the lock is held exactly as long as the work can
 * go on: it ends with the session.
 */
async function underLock<T>(options: DatabaseOptions, work: (executor: MigrationExecutor) => Promise<T>): Promise<T> {
  const dataSource = await connect(migratingOptions(options), options);
  try {
    const runner = dataSource.createQueryRunner();
    await takeLock((statement, values) => runner.query(statement, values) as Promise<LockRow[]>, options.log);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    return await work(executor);
  } finally {
    await dataSource.destroy();
  }
}

interface LockRow {
  readonly taken: boolean;
}

/**
 * The lock is asked for again and again rather than waited for in the server: a waiting statement would hold a
 * snapshot, for which a concurrent index build waits in turn.
 */
async function takeLock(query: (statement: string, values: string[]) => Promise<LockRow[]>, log: Log): Promise<void> {
  const giveUpAt = Date.now() + LOCK_LIMIT_MS;
  for (let attempt = 1; ; attempt++) {
    const [row] = await query('SELECT pg_try_advisory_lock($1) AS taken', [MIGRATION_LOCK]);
    if (row?.taken === true) return;
    if (Date.now() > giveUpAt)
      throw new StartError(`Another process has been migrating the schema for ${LOCK_LIMIT_MS / 60_000} minutes.`);
    if (attempt === 1) log.info('another process is migrating the schema; waiting for it');
    await sleep(LOCK_POLL_MS);
  }
}
