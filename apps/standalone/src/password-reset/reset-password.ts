import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { StandaloneConfig } from '#libs/config';
import { type NewPassword, PasswordReset, Passwords } from '#libs/lifecycle';
import { createLog, StartError } from '#libs/observability';
import { PersistenceModule, PostgresPeopleStore } from '#libs/persistence';
import { openDataDirectory } from '../data-dir/data-directory.js';
import { startDatabase } from '../database.js';

/**
 * Gives somebody another password, in the database that the variable names, or in the one of the data directory, whose installation must be
 * stopped.
 * @throws StartError where there is no such installation, or it runs
 * @throws NotFoundError where nobody in any account has the e-mail address
 */
export async function resetPassword(config: StandaloneConfig, email: string): Promise<NewPassword> {
  const directory = config.MINTMARK_DATA_DIR;
  if (config.MINTMARK_DATABASE_URL !== undefined) return resetIn(config.MINTMARK_DATABASE_URL, email);
  if (!existsSync(join(directory, 'postgres'))) {
    throw new StartError(
      `There is no installation in ${directory}: set MINTMARK_DATA_DIR to its directory, or MINTMARK_DATABASE_URL`,
    );
  }
  const database = await startDatabase(config, await openDataDirectory(directory));
  try {
    return await resetIn(database.url, email);
  } finally {
    await database.close();
  }
}

async function resetIn(url: string, email: string): Promise<NewPassword> {
  const module = PersistenceModule.forRoot({ url, migrate: 'run', log: createLog('password-reset') });
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    return await new PasswordReset(app.get(PostgresPeopleStore), new Passwords()).reset(email);
  } finally {
    await app.close();
  }
}
