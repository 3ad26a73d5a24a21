// Runs the conformance and e2e suites on the oldest Postgres of this machine's Debian packages (15 or later).
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureReady } from './ensure-ready.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DEBIAN = '/usr/lib/postgresql';
const PASSWORD = 'only-for-this-run';

const version = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .map(Number)
  .filter((number) => number >= 15)
  .sort((a, b) => a - b)[0];
if (version === undefined) {
  process.stderr.write(`There is no Postgres from 15 on below ${DEBIAN}; on Debian: apt-get install postgresql-15\n`);
  process.exit(1);
}
ensureReady();
const { freePort } = await import('../dist/apps/standalone/src/embedded-postgres/free-port.js');
const { chooseRunAs } = await import('../dist/apps/standalone/src/embedded-postgres/run-as.js');

const directory = mkdtempSync(join(tmpdir(), `mintmark-postgres${version}-`));
const cluster = mkdtempSync(join(directory, 'cluster-'));
const runAs = await chooseRunAs(cluster);
if (runAs.owner !== null) chownSync(cluster, runAs.owner.uid, runAs.owner.gid);
const server = await startServer();
try {
  process.stdout.write(`Postgres ${version}\n`);
  const env = { ...process.env, MINTMARK_TEST_POSTGRES_URL: server.url };
  const { status } = spawnSync(process.execPath, ['scripts/test.mjs', 'conformance', 'e2e', 'evidence'], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  server.child.kill('SIGINT');
  await server.ended;
  rmSync(directory, { recursive: true });
}

async function startServer() {
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const bin = join(DEBIAN, String(version), 'bin');
  const initdb = [
    'initdb',
    `--pgdata=${cluster}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-sync',
  ];
  const [program, ...args] = runAs.wrap([join(bin, initdb[0]), ...initdb.slice(1)]);
  if (spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) throw new Error('initdb failed');

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off', max_connections: 400 };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [postgres, ...rest] = runAs.wrap([join(bin, 'postgres'), '-D', cluster, ...options]);
  const child = spawn(postgres, rest, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return { child, ended, url };
}

async function untilReady(connectionString) {
  const { default: pg } = await import('pg');
  for (let waited = 0; ; waited += 50) {
    const client = new pg.Client({ connectionString });
    const failure = await client.connect().then(
      () => null,
      (error) => error,
    );
    await client.end();
    if (failure === null) return;
    if (waited > 20_000) throw failure;
    await sleep(50);
  }
}
