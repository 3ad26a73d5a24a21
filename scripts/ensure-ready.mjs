// Brings a clone to the state in which it can run: the right Node, the locked dependencies, a build of the sources
// as they are. Says nothing where nothing is to do. Uses nothing but Node, since it runs before the first install.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = join(ROOT, 'dist/.built-from');
const BUILD_LOCK = join(ROOT, 'node_modules/.mintmark-build');
const BUILD_LIMIT_MS = 60_000;

export function ensureReady() {
  checkNode();
  if (!dependenciesMatchLockfile()) install();
  const sources = hashOfSources();
  if (builtFrom() !== sources) whileNobodyElseBuilds(() => builtFrom() === sources || build(sources));
}

function checkNode() {
  const needed = readJson('package.json').engines.node.replace('>=', '').split('.').map(Number);
  const running = process.versions.node.split('.').map(Number);
  const first = needed.findIndex((part, index) => part !== running[index]);
  if (first !== -1 && needed[first] > running[first]) {
    fail(`Mintmark needs Node ${needed.join('.')} or later; this is Node ${process.versions.node} (${process.execPath}).`);
  }
}

/** npm notes what it has installed when it has finished; packages for other platforms are missing rightly. */
function dependenciesMatchLockfile() {
  if (!existsSync(join(ROOT, 'node_modules/.package-lock.json'))) return false;
  const { '': _root, ...locked } = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json').packages;
  const same = (path) => installed[path]?.version === locked[path]?.version;
  return (
    Object.keys(locked).every((path) => same(path) || (!installed[path] && locked[path].optional)) &&
    Object.keys(installed).every(same)
  );
}

function install() {
  say('installing dependencies, about half a minute the first time');
  run(...npm(), 'ci', '--no-audit', '--no-fund', '--loglevel=error');
}

/** The npm that runs this script, where one does. */
function npm() {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
}

function build(sources) {
  say('building');
  run(process.execPath, join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'standalone');
  run(process.execPath, join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error', 'apps/dashboard');
  writeFileSync(STAMP, sources);
}

function builtFrom() {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'nest-cli.json', '.swcrc', ...filesBelow('apps'), ...filesBelow('libs')]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(directory) {
  return readdirSync(join(ROOT, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1))
    .sort();
}

function whileNobodyElseBuilds(work) {
  while (!tryLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    work();
  } finally {
    rmdirSync(BUILD_LOCK);
  }
}

function tryLock() {
  try {
    mkdirSync(BUILD_LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const since = statSync(BUILD_LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > BUILD_LIMIT_MS) rmdirSync(BUILD_LOCK);
    return false;
  }
}

function run(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: withoutSecrets(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined || status !== 0)
    fail(`${stdout ?? ''}${stderr ?? ''}\n"${[program, ...args].join(' ')}" failed: ${error?.message ?? `exit code ${status}`}`);
}

/** Installing and building run other people's code, which has no business with peppers, passwords and keys. */
function withoutSecrets(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('MINTMARK_')));
}

function readJson(file) {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function say(what) {
  process.stderr.write(`mintmark: ${what} …\n`);
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureReady();
