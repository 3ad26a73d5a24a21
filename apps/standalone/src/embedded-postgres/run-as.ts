import { accessSync, constants, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { StartError } from '#libs/observability';
import { systemErrorCode } from '../system-error.js';

/** A command with its arguments, as it is handed to spawn. */
export type Command = readonly [program: string, ...args: string[]];

/** Whom Postgres runs as. */
export interface RunAs {
  /** The user and group that must own its files; null: this process' own. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  wrap(command: Command): Command;
}

const NOT_ROOT: RunAs = { owner: null, wrap: (command) => command };

/**
 * Postgres refuses to run as root. Started by root it runs as the owner of its cluster, else as `postgres`, else
 * as `nobody`, with the right to read and search everywhere: the program, or the data directory, may lie below a
 * home that is closed to others.
 * @throws StartError as root where setpriv is missing
 */
export async function chooseRunAs(clusterDirectory: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return NOT_ROOT;
  const setpriv = findOnPath('setpriv');
  if (setpriv === null) {
    throw new StartError(
      `Postgres does not run as root, and setpriv (util-linux), which would run it as another user, is not on the PATH. ` +
        `Run this as an ordinary user who owns ${clusterDirectory}, or set MINTMARK_DATABASE_URL.`,
    );
  }
  const owner = (await ownerOf(clusterDirectory)) ??
    accountNamed('postgres') ??
    accountNamed('nobody') ?? { uid: 65_534, gid: 65_534 };
  const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  return { owner, wrap: (command) => [setpriv, ...identity, ...readEverywhere(), ...command] };
}

/** Bits of the capabilities in capability.h. */
const SETPCAP = 1n << 8n;
const DAC_READ_SEARCH = 1n << 2n;

/**
 * CAP_DAC_READ_SEARCH, as far as this process may give it: in a container of few rights it may not. Postgres looks
 * for its programs with access(2), which sets aside what the effective user may do unless the secure bit is set.
 */
function readEverywhere(): string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const reading = (effective & DAC_READ_SEARCH) !== 0n;
  const everywhere = reading && (effective & SETPCAP) !== 0n;
  return [
    ...(reading ? ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'] : []),
    ...(everywhere ? ['--securebits=+no_setuid_fixup'] : []),
  ];
}

async function ownerOf(directory: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { uid, gid } = await stat(directory);
    return uid === 0 ? null : { uid, gid };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function accountNamed(name: string): { uid: number; gid: number } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function findOnPath(program: string): string | null {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find(isExecutable);
  return found ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
