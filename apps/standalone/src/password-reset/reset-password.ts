import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { StandaloneConfig } from '#libs/config';
import { type NewPassword, PasswordReset, Passwords } from '#libs/lifecycle';
import { createLog, StartError } from '#libs/observability';
import { PersistenceModule, PostgresPeopleStore } from '#libs/persistence';
import { openDataDirectory } from '../data-dir/data-directory.js';
import { startDatabase } from '../database.js';

/** Whoever asked is told as soon as the password is another one, whatever becomes of closing what it took. */
type Tell = (next: NewPassword) => void;

/**
 * Gives somebody another password, in the database that the variable names, or in the one of the data directory, whose installation must be
 * stopped. A database that this version has not been started on stays as it is.
 * @throws StartError where there is no such installation, or it runs
 * @throws NotFoundError where nobody in any account has the e-mail address
 * @throws UnavailableError when the database went away: the password may be another one, that nobody was told
 */
export async function resetPassword(config: StandaloneConfig, email: string, tell: Tell): Promise<void> {
  const directory = config.MINTMARK_DATA_DIR;
  if (config.MINTMARK_DATABASE_URL !== undefined) return resetIn(config.MINTMARK_DATABASE_URL, email, tell);
  if (!existsSync(join(directory, 'postgres'))) {
    throw new StartError(
      `There is no installation in ${directory}: set MINTMARK_DATA_DIR to its directory, or MINTMARK_DATABASE_URL`,
    );
  }
  const database = await startDatabase(config, await openDataDirectory(directory));
  try {
    await resetIn(database.url, email, tell);
  } finally {
    await database.close();
  }
}

async function resetIn(url: string, email: string, tell: Tell): Promise<void> {
  const module = PersistenceModule.forRoot({ url, migrate: 'refuse', log: createLog('password-reset') });
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    tell(await new PasswordReset(app.get(PostgresPeopleStore), new Passwords()).reset(email));
  } finally {
    await app.close();
  }
}
