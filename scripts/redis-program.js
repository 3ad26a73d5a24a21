import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = ['redis-server', 'valkey-server'];

/** The path of the server that tests start; null: there is none. */
export function redisProgram() {
  const directories = (process.env.PATH ?? '').split(delimiter);
  const candidates = PROGRAMS.flatMap((program) => directories.map((directory) => join(directory, program)));
  return candidates.find(isExecutable) ?? null;
}

/**
 * Makes sure that there is one: tests start servers of their own, which they kill, flush and replicate. Installs
 * Debian's package as root; otherwise ends the process with a line that says what to do.
 */
export function requireRedis() {
  if (redisProgram() !== null) return;
  if (process.getuid?.() === 0 && installed()) return;
  process.stderr.write(
    'The tests need a Redis: install redis-server or valkey-server, 7.0 or later (Debian: apt-get install redis-server).\n',
  );
  process.exit(1);
}

/** RUNLEVEL keeps the package from starting a server of its own. */
function installed() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const aptGet = (...args) =>
    spawnSync('apt-get', [...args, '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  process.stderr.write('mintmark: installing redis-server for the tests …\n');
  return aptGet('update') && aptGet('install', '-y', '--no-install-recommends', 'redis-server') && redisProgram() !== null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
