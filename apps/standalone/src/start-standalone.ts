import { join } from 'node:path';
import { startAdmin } from '#apps/admin';
import { startExample } from '#apps/example';
import { startVerifier } from '#apps/verifier';
import type { StandaloneConfig } from '#libs/config';
import type { RunningApp } from '#libs/observability';
import { openDataDirectory } from './data-dir/data-directory.js';
import { keptPeppers } from './data-dir/peppers.js';
import { readSecretFile } from './data-dir/secret-file.js';
import { startDatabase } from './database.js';
import { ensurePortsAreFree } from './free-ports.js';
import { RunningParts } from './running-parts.js';

/** Of the 4.5 s in which the process must end, the verifier may take three after the admin. */
const ADMIN_DRAIN_LIMIT_MS = 1_000;

/**
 * Starts everything in this process: the database where none is named, then the admin, which migrates it, the
 * verifier and the example.
 * @throws StartError with what stands in the way; whatever had been started by then is closed again
 */
export async function startStandalone(config: StandaloneConfig): Promise<RunningApp> {
  const directory = await openDataDirectory(config.MINTMARK_DATA_DIR);
  await ensurePortsAreFree(config);
  const peppers = config.MINTMARK_PEPPERS ?? (await keptPeppers(directory));
  const serviceKeyFile = join(directory, 'service-key');
  const parts = new RunningParts();
  try {
    const database = await parts.add('database', startDatabase(config, directory));
    const stores = { ...config, MINTMARK_DATA_DIR: directory, MINTMARK_PEPPERS: peppers, MINTMARK_DATABASE_URL: database.url };
    await parts.add('admin', startAdmin(stores, { drainLimitMs: ADMIN_DRAIN_LIMIT_MS }));
    const verifier = await parts.add('verifier', startVerifier(stores));
    const guard = { ...config, MINTMARK_VERIFIER_URL: [urlOf(verifier, 'verifier-grpc')] };
    const serviceKey = config.MINTMARK_SERVICE_KEY ?? (() => keptServiceKey(serviceKeyFile));
    await parts.add('example', startExample(guard, { serviceKey }));
    return parts;
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** @throws Error while there is none, as before anybody has set the installation up */
async function keptServiceKey(file: string): Promise<string> {
  const key = await readSecretFile(file);
  if (key === null)
    throw new Error(
      `${file} is not there: set the installation up, or write the token of a key with mintmark:tokens:verify to it`,
    );
  return key;
}

function urlOf(app: RunningApp, name: string): string {
  const surface = app.surfaces.find((candidate) => candidate.name === name);
  if (surface === undefined) throw new Error(`the app has no surface ${name}`);
  return surface.url;
}
