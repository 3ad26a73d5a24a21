import type { StandaloneConfig } from '#libs/config';
import { createLog, type RunningApp } from '#libs/observability';
import { EmbeddedPostgres } from './embedded-postgres/index.js';

/** A database that the apps can use. */
export interface RunningDatabase extends RunningApp {
  readonly url: string;
}

/** The database that the variable names, or one of this process' own in its data directory. */
export async function startDatabase(config: StandaloneConfig, dataDirectory: string): Promise<RunningDatabase> {
  const named = config.MINTMARK_DATABASE_URL;
  if (named !== undefined) return { url: named, surfaces: [], close: () => Promise.resolve() };
  const log = createLog('standalone');
  const server = await EmbeddedPostgres.start({
    dataDirectory,
    onOutage: (event) => {
      if (event === 'restarted') log.info('the embedded Postgres runs again');
      else if (event === 'ended')
        log.error(`the embedded Postgres ended by itself and is started again (its log: ${dataDirectory}/postgres.log)`);
      else log.error('the embedded Postgres did not start again yet; it is tried once more');
    },
  });
  return { url: server.url, surfaces: [], close: () => server.stop() };
}
