import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfiguredPepper, parsePeppers } from '#libs/config';
import { StartError } from '#libs/observability';
import { readSecretFile, writeSecretFile } from './secret-file.js';

const PEPPER_BYTES = 32;

/**
 * The peppers kept in the data directory, made at the first start. They are made before the database is: a
 * database without its peppers holds digests that no token will ever match again.
 * @throws StartError where the file is not of the variable's form, or is gone while the database is there
 */
export async function keptPeppers(directory: string): Promise<[ConfiguredPepper, ...ConfiguredPepper[]]> {
  const file = join(directory, 'peppers');
  const text = (await readSecretFile(file)) ?? (await makePeppers(directory, file));
  const peppers = parsePeppers(text);
  if (peppers === null) {
    throw new StartError(
      `${file} does not hold peppers (id:base64,id:base64, each of at least ${PEPPER_BYTES} bytes). Restore it from a backup.`,
    );
  }
  return peppers;
}

async function makePeppers(directory: string, file: string): Promise<string> {
  const cluster = join(directory, 'postgres');
  if (existsSync(cluster)) {
    throw new StartError(
      `${file} is missing, and no key in the database ${cluster} can be verified without it. Restore it from a backup or set ` +
        `MINTMARK_PEPPERS; to begin anew without the keys, move ${directory} away.`,
    );
  }
  const made = `p${randomBytes(3).toString('hex')}:${randomBytes(PEPPER_BYTES).toString('base64')}`;
  await writeSecretFile(file, made);
  return made;
}
