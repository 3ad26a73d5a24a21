import { spawn } from 'node:child_process';
import { chown, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StartError } from '#libs/observability';
import type { Binaries } from './binaries.js';
import { databaseEnvironment } from './environment.js';
import type { RunAs } from './run-as.js';
import { systemErrorCode } from '../system-error.js';

/** The superuser of an embedded cluster; the apps never sign in as it. */
export const SUPERUSER = 'postgres';

export interface ClusterPlan {
  /** Where the cluster lives, or shall live. */
  readonly directory: string;
  /** A file with the superuser's password. */
  readonly passwordFile: string;
  /** Whether a crash of the machine right afterwards must lose nothing. */
  readonly durable: boolean;
}

/**
 * Makes the cluster where there is none yet: in a directory beside its own, renamed when it is whole, so that a
 * kill at any moment leaves a cluster or none.
 * @throws StartError where a cluster of another major version stands there
 */
export async function ensureCluster(plan: ClusterPlan, binaries: Binaries, runAs: RunAs): Promise<void> {
  const version = await clusterVersion(plan.directory);
  if (version === binaries.majorVersion) return;
  if (version !== null) {
    throw new StartError(
      `${plan.directory} was made by Postgres ${version}, and this is Postgres ${binaries.majorVersion}. Start it with the release of ` +
        `Mintmark that made it and move the data with pg_dump, or choose another MINTMARK_DATA_DIR.`,
    );
  }
  await removeHalves(plan.directory);
  const half = await mkdtemp(`${plan.directory}${HALF}`);
  if (runAs.owner !== null) await chown(half, runAs.owner.uid, runAs.owner.gid);
  await initialise(half, plan, binaries, runAs);
  await rename(half, plan.directory);
}

const HALF = '.half-';

async function clusterVersion(directory: string): Promise<string | null> {
  try {
    return (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What an initialisation left that was killed. */
async function removeHalves(directory: string): Promise<void> {
  const parent = dirname(directory);
  const halves = (await readdir(parent)).filter((name) => name.startsWith(`${basename(directory)}${HALF}`));
  await Promise.all(halves.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

async function initialise(directory: string, plan: ClusterPlan, binaries: Binaries, runAs: RunAs): Promise<void> {
  const [program, ...args] = runAs.wrap([
    binaries.initdb,
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${plan.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--set=timezone=UTC',
    '--set=log_timezone=UTC',
    ...(plan.durable ? [] : ['--no-sync']),
  ]);
  const child = spawn(program, args, { env: databaseEnvironment(), stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0)
    throw new StartError(`The embedded Postgres could not be initialised in ${plan.directory}:\n${complaint.trim()}`);
}
