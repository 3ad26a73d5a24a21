import { UnavailableError } from '#libs/key-domain';
import { StartError } from '#libs/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { driverDetail, toDomainError } from './driver-error.js';
import { type DatabaseOptions, START_LIMIT_MS } from './options.js';
import { addressOf } from './server-address.js';

/** Milliseconds between two attempts. */
const RETRY_MS = 250;

const OLDEST_SERVER = 15;

/**
 * Opens a data source. Waits for a server that can't be reached yet, but not for one that refuses.
 * @throws StartError saying what is wrong and what to do
 */
export async function connect(
  dataSourceOptions: DataSourceOptions,
  { url, log, startLimitMs: limitMs = START_LIMIT_MS }: DatabaseOptions,
): Promise<DataSource> {
  const giveUpAt = Date.now() + limitMs;
  for (let attempt = 1; ; attempt++) {
    const dataSource = new DataSource(dataSourceOptions);
    try {
      await dataSource.initialize();
      await requireVersion(dataSource, url);
      return dataSource;
    } catch (error) {
      const failure = startFailure(error, url, limitMs);
      if (!failure.mayPass || Date.now() + RETRY_MS > giveUpAt) throw failure.error;
      if (attempt === 1) log.warn({ server: addressOf(url), reason: driverDetail(error) }, 'waiting for Postgres');
      await sleep(RETRY_MS);
    }
  }
}

function startFailure(error: unknown, url: string, limitMs: number): { readonly mayPass: boolean; readonly error: unknown } {
  const server = addressOf(url);
  const failure = toDomainError(error);
  if (!(failure instanceof UnavailableError)) return { mayPass: false, error: failure };
  const detail = driverDetail(error);
  if (/28...$/.test(detail)) {
    return {
      mayPass: false,
      error: new StartError(`Postgres at ${server} refuses the user or the password of MINTMARK_DATABASE_URL (${detail}).`),
    };
  }
  if (detail.endsWith('3D000')) {
    return {
      mayPass: false,
      error: new StartError(`There is no database at ${server}: create it, or correct MINTMARK_DATABASE_URL.`),
    };
  }
  const message = `Postgres at ${server} could not be reached for ${limitMs / 1000} s (${detail}): start it, or correct MINTMARK_DATABASE_URL.`;
  return { mayPass: true, error: new StartError(message) };
}

async function requireVersion(dataSource: DataSource, url: string): Promise<void> {
  const version = dataSource.driver.version ?? '';
  if (Number.parseInt(version, 10) >= OLDEST_SERVER) return;
  await dataSource.destroy();
  throw new StartError(`Postgres at ${addressOf(url)} is version ${version}; Mintmark needs ${OLDEST_SERVER} or later.`);
}
